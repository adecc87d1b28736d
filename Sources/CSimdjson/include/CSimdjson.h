/* JSON text: validation and the fields of one object */
