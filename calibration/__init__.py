"""The steps of a calibration, its ledger and its input files."""
