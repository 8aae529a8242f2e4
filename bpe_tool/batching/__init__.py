"""From ids to batches for training: rows, padding, objectives, and the draws behind them."""
