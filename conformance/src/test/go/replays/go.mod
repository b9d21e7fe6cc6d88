module chancery/replays

go 1.25
