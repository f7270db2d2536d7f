-- A record as jiebang 0.1.0 left it at the end of issue 3 (schema version 1), by sqlite3's iterdump.
BEGIN TRANSACTION;
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    num INTEGER,
    hash BLOB
);
INSERT INTO "changes" VALUES(1,'node',1,NULL);
INSERT INTO "changes" VALUES(2,'node',2,NULL);
INSERT INTO "changes" VALUES(3,'node',3,NULL);
INSERT INTO "changes" VALUES(4,'node',4,NULL);
INSERT INTO "changes" VALUES(5,'node',5,NULL);
INSERT INTO "changes" VALUES(6,'node',6,NULL);
INSERT INTO "changes" VALUES(7,'node',7,NULL);
INSERT INTO "changes" VALUES(8,'edge',1,NULL);
INSERT INTO "changes" VALUES(9,'edge',2,NULL);
INSERT INTO "changes" VALUES(10,'edge',3,NULL);
INSERT INTO "changes" VALUES(11,'edge',4,NULL);
INSERT INTO "changes" VALUES(12,'edge',5,NULL);
INSERT INTO "changes" VALUES(13,'node',6,NULL);
INSERT INTO "changes" VALUES(14,'vector',NULL,X'196972D5F7D3F4B9CF973B3BC50D5C10');
INSERT INTO "changes" VALUES(15,'vector',NULL,X'38F124F126FC27D69AE61E5A4729EF2F');
INSERT INTO "changes" VALUES(16,'vector',NULL,X'477075400FC4BBED69D41B8B64742116');
INSERT INTO "changes" VALUES(17,'vector',NULL,X'5D883CD17A2D5B6494FEFAE53859FBA8');
INSERT INTO "changes" VALUES(18,'vector',NULL,X'6564446B0EB49561F961319D2034B1D9');
CREATE TABLE edges (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    from_num INTEGER NOT NULL,
    to_num INTEGER NOT NULL,
    key TEXT NOT NULL,
    props TEXT NOT NULL,
    source TEXT,
    observed_at TEXT,
    confidence REAL NOT NULL,
    inferred INTEGER NOT NULL,
    version INTEGER NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (type, from_num, to_num, key)
);
INSERT INTO "edges" VALUES(1,'MAKES',1,3,'','{"revenue_share":0.4}','年报.csv','2021-10',0.9,0,1,'{"年报.csv":{"observed_at":"2021-10","props":{"revenue_share":0.4},"confidence":0.9,"inferred":false},"名称比对":{"observed_at":"2026-11-20","props":{},"confidence":0.5,"inferred":true}}');
INSERT INTO "edges" VALUES(2,'SUPPLIES',1,7,'product:柔轮','{}','供应.csv','2026-11-20',1.0,0,1,'{"供应.csv":{"observed_at":"2026-11-20","props":{},"confidence":1.0,"inferred":false}}');
INSERT INTO "edges" VALUES(3,'ABOUT',4,3,'','{}','榜单.xlsx','2026-03-01',1.0,0,1,'{"榜单.xlsx":{"observed_at":"2026-03-01","props":{},"confidence":1.0,"inferred":false}}');
INSERT INTO "edges" VALUES(4,'ABOUT',5,3,'','{}','名称比对','2026-11-20',0.7,1,1,'{"名称比对":{"observed_at":"2026-11-20","props":{},"confidence":0.7,"inferred":true}}');
INSERT INTO "edges" VALUES(5,'OWNS',2,5,'','{}','成果.csv','2026-11-20',1.0,0,1,'{"成果.csv":{"observed_at":"2026-11-20","props":{},"confidence":1.0,"inferred":false}}');
CREATE TABLE facets (
    node_num INTEGER NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (facet, value, node_num)
) WITHOUT ROWID;
INSERT INTO "facets" VALUES(1,'district','云湖区');
INSERT INTO "facets" VALUES(1,'industry','通用设备制造业');
INSERT INTO "facets" VALUES(1,'kind','enterprise');
INSERT INTO "facets" VALUES(2,'kind','university');
INSERT INTO "facets" VALUES(1,'tier','小巨人');
CREATE TABLE fingerprints (
    num INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL
);
INSERT INTO "fingerprints" VALUES(1,'hashing-1|8',8);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
INSERT INTO "meta" VALUES('identity','00000000000000000000000000000001');
CREATE TABLE nodes (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    props TEXT NOT NULL,
    source TEXT,
    observed_at TEXT,
    version INTEGER NOT NULL,
    facts TEXT NOT NULL
);
INSERT INTO "nodes" VALUES(1,'org:甲','Organization','{"name":"虚构精密传动有限公司","founded":"2009-05","kind":"enterprise","district":"云湖区","industry":"通用设备制造业","tiers":[{"tier":"小巨人","from":"2023-07","until":"2099-06"}]}','名录.csv','2025-03',1,'{"名录.csv":{"observed_at":"2025-03","props":{"name":"虚构精密传动有限公司","kind":"enterprise","district":"云湖区","industry":"通用设备制造业","tiers":[{"tier":"小巨人","from":"2023-07","until":"2099-06"}]}},"年报.csv":{"observed_at":"2021","props":{"name":"虚构精密传动","founded":"2009-05"}}}');
INSERT INTO "nodes" VALUES(2,'org:乙','Organization','{"name":"虚构理工大学","kind":"university"}','名录.csv','2025-03',1,'{"名录.csv":{"observed_at":"2025-03","props":{"name":"虚构理工大学","kind":"university"}}}');
INSERT INTO "nodes" VALUES(3,'product:柔轮','Product','{"name":"柔轮"}','产品.csv','2026-11-20',1,'{"产品.csv":{"observed_at":"2026-11-20","props":{"name":"柔轮"}}}');
INSERT INTO "nodes" VALUES(4,'demand:D-1','Demand','{"title":"谐波减速器柔轮疲劳寿命提升","text":"柔轮在交变载荷下易产生疲劳裂纹，要求寿命≥10000小时。","budget":50.0}','榜单.xlsx','2026-03-01',1,'{"榜单.xlsx":{"observed_at":"2026-03-01","props":{"title":"谐波减速器柔轮疲劳寿命提升","text":"柔轮在交变载荷下易产生疲劳裂纹，要求寿命≥10000小时。","budget":50.0}}}');
INSERT INTO "nodes" VALUES(5,'result:R-1','Result','{"title":"柔性齿轮表面强化工艺","text":"以喷丸抑制裂纹萌生，提高柔轮疲劳寿命。","trl":6}','成果.csv','2025-10',1,'{"成果.csv":{"observed_at":"2025-10","props":{"title":"柔性齿轮表面强化工艺","text":"以喷丸抑制裂纹萌生，提高柔轮疲劳寿命。","trl":6}}}');
INSERT INTO "nodes" VALUES(7,'org:丙','Organization','{}',NULL,NULL,1,'{}');
CREATE TABLE passages (
    node_num INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    hash BLOB NOT NULL,
    text TEXT,
    tokens TEXT,
    length INTEGER,
    PRIMARY KEY (node_num, ordinal)
) WITHOUT ROWID;
INSERT INTO "passages" VALUES(1,0,X'477075400FC4BBED69D41B8B64742116','虚构精密传动有限公司 主营产品：柔轮','虚构 精密 传动 有限 公司 有限公司 主营 产品 柔轮',9);
INSERT INTO "passages" VALUES(2,0,X'38F124F126FC27D69AE61E5A4729EF2F','虚构理工大学','虚构 理工 工大 大学 理工大 理工大学',6);
INSERT INTO "passages" VALUES(3,0,X'5D883CD17A2D5B6494FEFAE53859FBA8','柔轮','柔轮',1);
INSERT INTO "passages" VALUES(4,0,X'6564446B0EB49561F961319D2034B1D9','谐波减速器柔轮疲劳寿命提升 柔轮在交变载荷下易产生疲劳裂纹，要求寿命≥10000小时。','谐波 减速 减速器 柔轮 疲劳 寿命 提升 柔轮 在 交变 载荷 下易 产生 疲劳 裂纹 要求 寿命 10000 小时',19);
INSERT INTO "passages" VALUES(5,0,X'196972D5F7D3F4B9CF973B3BC50D5C10','柔性齿轮表面强化工艺 以喷丸抑制裂纹萌生，提高柔轮疲劳寿命。','柔性 齿轮 表面 强化 工艺 以 喷丸 抑制 裂纹 萌生 提高 柔轮 疲劳 寿命',14);
CREATE TABLE vectors (
    fingerprint_num INTEGER NOT NULL,
    hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (fingerprint_num, hash)
) WITHOUT ROWID;
INSERT INTO "vectors" VALUES(1,X'196972D5F7D3F4B9CF973B3BC50D5C10',X'BAF4BABEBAF4BABEBAF4BABE0000000000000000BAF43A3FBAF43A3EBAF43A3E');
INSERT INTO "vectors" VALUES(1,X'38F124F126FC27D69AE61E5A4729EF2F',X'00000000F304B53EF304B5BE00000000F30435BFF304B5BEF304B53E00000000');
INSERT INTO "vectors" VALUES(1,X'477075400FC4BBED69D41B8B64742116',X'2EF9E43E000000002EF9E4BE2EF9E4BE2EF9E43E2EF9E4BE0000000000000000');
INSERT INTO "vectors" VALUES(1,X'5D883CD17A2D5B6494FEFAE53859FBA8',X'0000000000000000000080BF0000000000000000000000000000000000000000');
INSERT INTO "vectors" VALUES(1,X'6564446B0EB49561F961319D2034B1D9',X'5647EBBDD4008EBEC0692BBFD4008EBED4008E3EAAD2C83ED4008E3ED4008EBE');
CREATE INDEX nodes_by_label ON nodes (label, id);
CREATE INDEX edges_by_from ON edges (from_num);
CREATE INDEX edges_by_to ON edges (to_num);
CREATE INDEX passages_by_hash ON passages (hash);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('nodes',7);
INSERT INTO "sqlite_sequence" VALUES('edges',5);
INSERT INTO "sqlite_sequence" VALUES('changes',18);
COMMIT;
PRAGMA user_version = 1;
