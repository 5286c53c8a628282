"""Server-rendered pages: public search and map, service station, province staff, hub admin."""
