# missing_function
