CREATE DATABASE shop;
USE shop;
CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(32), password VARCHAR(64));
INSERT INTO users VALUES (1, 'alice', 'x1'), (2, 'bob', 'x2'), (3, 'carol', 'x3');
CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(32), price INT, stock INT);
INSERT INTO items SELECT seq, CONCAT('thing number ', seq), seq * 3, seq MOD 7 FROM seq_1_to_50;
