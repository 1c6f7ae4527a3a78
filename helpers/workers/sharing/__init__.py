"""Programs whose lock does not lock, and the right one. The fork server must not load them: a module's lock would be shared."""
