-- A trader, as the schema called Northwind has it, in the words of SQLite.
CREATE TABLE [Categories] ([CategoryID] INTEGER PRIMARY KEY AUTOINCREMENT, [CategoryName] TEXT NOT NULL, [Description] TEXT, [Picture] BLOB);
CREATE TABLE [CustomerDemographics] ([CustomerTypeID] TEXT NOT NULL, [CustomerDesc] TEXT, PRIMARY KEY ([CustomerTypeID]));
CREATE TABLE [Customers] (
  [CustomerID] TEXT NOT NULL, [CompanyName] TEXT NOT NULL, [ContactName] TEXT, [City] TEXT, [Region] TEXT, [PostalCode] TEXT,
  [Country] TEXT, PRIMARY KEY ([CustomerID])
);
CREATE TABLE [CustomerCustomerDemo] (
  [CustomerID] TEXT NOT NULL, [CustomerTypeID] TEXT NOT NULL, PRIMARY KEY ([CustomerID], [CustomerTypeID]),
  FOREIGN KEY ([CustomerID]) REFERENCES [Customers] ([CustomerID]),
  FOREIGN KEY ([CustomerTypeID]) REFERENCES [CustomerDemographics] ([CustomerTypeID])
);
CREATE TABLE [Employees] (
  [EmployeeID] INTEGER PRIMARY KEY AUTOINCREMENT, [LastName] TEXT, [FirstName] TEXT, [Title] TEXT,
  [TitleOfCourtesy] TEXT CHECK ([TitleOfCourtesy] IN ('Mr.', 'Ms.', 'Mrs.', 'Dr.')), [BirthDate] DATE, [HireDate] DATE,
  [Photo] BLOB, [ReportsTo] INTEGER, CHECK ([LastName] <> ''),
  FOREIGN KEY ([ReportsTo]) REFERENCES [Employees] ([EmployeeID])
);
CREATE TABLE [Region] ([RegionID] INTEGER NOT NULL PRIMARY KEY, [RegionDescription] TEXT NOT NULL);
CREATE TABLE [Territories] (
  [TerritoryID] TEXT NOT NULL, [TerritoryDescription] TEXT NOT NULL, [RegionID] INTEGER NOT NULL, PRIMARY KEY ([TerritoryID]),
  FOREIGN KEY ([RegionID]) REFERENCES [Region] ([RegionID])
);
CREATE TABLE [EmployeeTerritories] (
  [EmployeeID] INTEGER NOT NULL, [TerritoryID] TEXT NOT NULL, PRIMARY KEY ([EmployeeID], [TerritoryID]),
  FOREIGN KEY ([EmployeeID]) REFERENCES [Employees] ([EmployeeID]),
  FOREIGN KEY ([TerritoryID]) REFERENCES [Territories] ([TerritoryID])
);
CREATE TABLE [Shippers] ([ShipperID] INTEGER PRIMARY KEY AUTOINCREMENT, [CompanyName] TEXT NOT NULL, [Phone] TEXT);
CREATE TABLE [Suppliers] ([SupplierID] INTEGER PRIMARY KEY AUTOINCREMENT, [CompanyName] TEXT NOT NULL, [HomePage] TEXT);
CREATE TABLE [Products] (
  [ProductID] INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, [ProductName] TEXT NOT NULL, [SupplierID] INTEGER, [CategoryID] INTEGER,
  [UnitPrice] NUMERIC DEFAULT 0, [UnitsInStock] INTEGER DEFAULT 0, [Discontinued] TEXT NOT NULL DEFAULT '0',
  CHECK ([UnitPrice] >= 0), FOREIGN KEY ([CategoryID]) REFERENCES [Categories] ([CategoryID]),
  FOREIGN KEY ([SupplierID]) REFERENCES [Suppliers] ([SupplierID])
);
CREATE TABLE [Orders] (
  [OrderID] INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, [CustomerID] TEXT, [EmployeeID] INTEGER, [OrderDate] DATETIME,
  [ShippedDate] DATETIME, [ShipVia] INTEGER, [Freight] NUMERIC DEFAULT 0,
  FOREIGN KEY ([CustomerID]) REFERENCES [Customers] ([CustomerID]),
  FOREIGN KEY ([EmployeeID]) REFERENCES [Employees] ([EmployeeID]),
  FOREIGN KEY ([ShipVia]) REFERENCES [Shippers] ([ShipperID])
);
CREATE TABLE [Order Details] (
  [OrderID] INTEGER NOT NULL, [ProductID] INTEGER NOT NULL, [UnitPrice] NUMERIC NOT NULL DEFAULT 0,
  [Quantity] INTEGER NOT NULL DEFAULT 1, [Discount] REAL NOT NULL DEFAULT 0, PRIMARY KEY ([OrderID], [ProductID]),
  CHECK ([Quantity] > 0), FOREIGN KEY ([OrderID]) REFERENCES [Orders] ([OrderID]),
  FOREIGN KEY ([ProductID]) REFERENCES [Products] ([ProductID])
);
CREATE INDEX [CustomersCity] ON [Customers] ([City]);
CREATE UNIQUE INDEX [CategoryName] ON [Categories] ([CategoryName]);
