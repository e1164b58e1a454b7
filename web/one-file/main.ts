// The page as one file, which can be opened without a server.

import { startPage } from '../start-page';
import { engineWithin } from './engine-within';

startPage(engineWithin());
