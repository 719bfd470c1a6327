"""Every chart, made once, for reports, the page and notebooks."""
