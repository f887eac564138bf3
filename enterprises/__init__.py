"""Ground storey: who produces, and who may act."""
