"""The classroom: two districts on the same luck, in the browser, for a class and its instructor.

`session` holds what a class has set up, `worlds` computes, `catalogue`, `why`, `bets`, `drawing`, `lessons` and `takeaway` prepare
what is shown; none of them knows the page. `words` holds every English text. `page` shows it all and `serve` opens the door.
"""
