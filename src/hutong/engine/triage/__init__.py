"""分类派单的建议: what a text is about, where, how urgent, and whose it is; a person decides."""
