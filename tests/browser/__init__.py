"""Of the folders of tests only this one is a package to pytest: so what its tests share ends with the last of them."""
