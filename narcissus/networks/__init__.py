"""The networks, each behind one small protocol; TensorFlow comes in here alone."""
