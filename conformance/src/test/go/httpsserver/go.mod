module chancery/httpsserver

go 1.25
