"""Programs whose lock does not lock. The fork server must not load them: a module's lock would be shared."""
