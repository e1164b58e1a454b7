//! `clearpipe serve`, as far as it doesn't serve: tests/server has the rest.

use crate::support::Place;

#[cfg(not(feature = "serve"))]
#[test]
fn a_command_without_the_server_says_how_to_get_one_with_it() {
    let place = Place::new();
    for arguments in ["serve", "serve --port 0 --room --tls"] {
        let error = place.run(arguments).error(2);
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains("npm start") && error.contains("--features serve"), "{error}");
    }
}

#[cfg(feature = "serve")]
#[test]
fn a_folder_that_is_missing_is_named() {
    let error = Place::new().run("serve --port 0 --folder missing").error(2);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("missing"), "{error}");
}

#[test]
fn it_is_in_the_help_with_all_its_flags() {
    let place = Place::new();
    assert!(place.run("--help").fine().out.contains("serve"));
    let help = place.run("serve --help").fine().out;
    for flag in ["--port", "--host", "--allow-host", "--room", "--tls", "--open", "--no-isolation", "--folder"] {
        assert!(help.contains(flag), "{flag}");
    }
}
