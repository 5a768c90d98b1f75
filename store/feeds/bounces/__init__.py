"""Reading bounce mail: reader, classifier, and the classifier's rules as data."""
