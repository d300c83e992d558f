"""What those who maintain the series run, from its folder; nobody needs it for the lessons.

=========== =====================================================================================
bench       what each notebook costs (in units of yardstick), and how fast the panel and its page answer
            (bench_panel, bench_page), measured and judged: make bench; the runs in README.md lie in times/
publish     the decks and the book, from executed notebooks (deck/, book/): make slides, make book
page        the panel as one file that needs no Python, from the shipped weights and the parts in page/:
            make page
pictures    the opening pictures, from the notebooks' own cells: make pictures
figures     what each lesson prints in its summary, on both sets of images, into INSTRUCTORS, and which
            choice is right in each prediction, into letters.json: make figures
glossary    the terms of each lesson, and the page of their definitions: make glossary
photos      BM3D, non-local means and the network on six photographs, for lesson 9
scoreboard  every network and filter on the test part: make scoreboard
rivals      the networks that the scoreboard compares with; cards, weights and records lie in rivals/
on_gpu      trains the shipped networks and DnCNN on one GPU, in minutes
curves      PSNR of three networks after 3 to 100 minutes of a processor, for the scoreboard
train-all   every training behind the shipped weights and the scoreboard
usage       what a process has used, for make test and make bench
find-python which Python `make` installs with
=========== =====================================================================================
"""
