#!/opt/no/such/shell
echo never
