# no_number
