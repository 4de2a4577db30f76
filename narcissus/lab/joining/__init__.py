"""Who is captured, how soon, and who never is: measured on films of people, of photographs of them, and of passers-by.

films.py     films that must capture nobody, made of single frames
figures.py   the machine of joining, played over a film
"""
