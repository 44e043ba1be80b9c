"""What no run asks of a layer, asked at the end of some of them: one module for each layer."""
