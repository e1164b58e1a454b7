// The page as a server gives it.

import { servedEngine } from './engine/served';
import { keepForOffline } from './offline/register';
import { startPage } from './start-page';

startPage(servedEngine());
keepForOffline();
