-- A trader, as the schema called Northwind has it, in the words of Postgres.
CREATE TABLE categories (category_id smallint NOT NULL PRIMARY KEY, category_name character varying(15) NOT NULL, description text, picture bytea);
CREATE TABLE customer_demographics (customer_type_id character varying(5) NOT NULL PRIMARY KEY, customer_desc text);
CREATE TABLE customers (
  customer_id character varying(5) NOT NULL PRIMARY KEY, company_name character varying(40) NOT NULL,
  contact_name character varying(30), city character varying(15), region character varying(15),
  postal_code character varying(10), country character varying(15)
);
CREATE TABLE customer_customer_demo (
  customer_id character varying(5) NOT NULL REFERENCES customers, customer_type_id character varying(5) NOT NULL REFERENCES customer_demographics,
  PRIMARY KEY (customer_id, customer_type_id)
);
CREATE TABLE employees (
  employee_id smallint NOT NULL PRIMARY KEY, last_name character varying(20), first_name character varying(10),
  title character varying(30), title_of_courtesy character varying(25) CHECK (title_of_courtesy IN ('Mr.', 'Ms.', 'Mrs.', 'Dr.')),
  birth_date date, hire_date date, photo bytea, reports_to smallint REFERENCES employees
);
CREATE TABLE region (region_id smallint NOT NULL PRIMARY KEY, region_description character varying(60) NOT NULL);
CREATE TABLE territories (
  territory_id character varying(20) NOT NULL PRIMARY KEY, territory_description character varying(60) NOT NULL,
  region_id smallint NOT NULL REFERENCES region
);
CREATE TABLE employee_territories (
  employee_id smallint NOT NULL REFERENCES employees, territory_id character varying(20) NOT NULL REFERENCES territories,
  PRIMARY KEY (employee_id, territory_id)
);
CREATE TABLE shippers (shipper_id smallint NOT NULL PRIMARY KEY, company_name character varying(40) NOT NULL, phone character varying(24));
CREATE TABLE suppliers (supplier_id smallint NOT NULL PRIMARY KEY, company_name character varying(40) NOT NULL, homepage text);
CREATE TABLE products (
  product_id smallint NOT NULL PRIMARY KEY, product_name character varying(40) NOT NULL, supplier_id smallint REFERENCES suppliers,
  category_id smallint REFERENCES categories, unit_price real, units_in_stock smallint, discontinued integer NOT NULL
);
CREATE TABLE orders (
  order_id smallint NOT NULL PRIMARY KEY, customer_id character varying(5) REFERENCES customers,
  employee_id smallint REFERENCES employees, order_date date, shipped_date date, ship_via smallint REFERENCES shippers, freight real
);
CREATE TABLE "order details" (
  order_id smallint NOT NULL REFERENCES orders, product_id smallint NOT NULL REFERENCES products, unit_price real NOT NULL,
  quantity smallint NOT NULL DEFAULT 1 CHECK (quantity > 0), discount real NOT NULL, PRIMARY KEY (order_id, product_id)
);
CREATE INDEX customers_city ON customers (city);
CREATE UNIQUE INDEX category_name ON categories (category_name);
