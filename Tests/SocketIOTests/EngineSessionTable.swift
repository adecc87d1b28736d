let engineSessionTable = ""
