"""What `make bench` measures: one module `row_<number>_<work>.py` a piece of work.

Such a module has one function `rows()` that measures and gives its figures as `figures.Row`s; names
start with the row's number. It is found by its name, there is no list to keep. What takes long or
is heavy to import belongs inside the function or into a package beside it.
"""
