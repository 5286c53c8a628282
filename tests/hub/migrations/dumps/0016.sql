BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0016');
CREATE TABLE availability_calendar (
	instrument_id VARCHAR NOT NULL, 
	cell_minutes INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	confirmed_at DATETIME, 
	pulled_at DATETIME, 
	pushed_at DATETIME, 
	pull_due_at DATETIME, 
	pull_failures INTEGER NOT NULL, 
	pull_error JSON, 
	CONSTRAINT pk_availability_calendar PRIMARY KEY (instrument_id), 
	CONSTRAINT ck_availability_calendar_cell_minutes CHECK (cell_minutes IN (5, 15, 30))
);
CREATE TABLE availability_cell (
	instrument_id VARCHAR NOT NULL, 
	cell INTEGER NOT NULL, 
	lane INTEGER NOT NULL, 
	claim_id VARCHAR NOT NULL, 
	CONSTRAINT pk_availability_cell PRIMARY KEY (instrument_id, cell, lane)
);
CREATE TABLE availability_claim (
	id VARCHAR NOT NULL, 
	instrument_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	until DATETIME, 
	proposed_starts_at DATETIME, 
	proposed_ends_at DATETIME, 
	proposed_until DATETIME, 
	is_guarded BOOLEAN NOT NULL, 
	source VARCHAR NOT NULL, 
	label VARCHAR, 
	external_key VARCHAR, 
	made_by VARCHAR, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_availability_claim PRIMARY KEY (id), 
	CONSTRAINT ck_availability_claim_state CHECK (state IN ('held', 'confirmed', 'external', 'released', 'lapsed')), 
	CONSTRAINT ck_availability_claim_order CHECK (starts_at < ends_at)
);
CREATE TABLE availability_closure (
	id INTEGER NOT NULL, 
	subject VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	repeat_weeks INTEGER NOT NULL, 
	repeat_until DATE, 
	reason VARCHAR NOT NULL, 
	note VARCHAR, 
	source VARCHAR NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	removed_at DATETIME, 
	removed_by VARCHAR, 
	CONSTRAINT pk_availability_closure PRIMARY KEY (id), 
	CONSTRAINT ck_availability_closure_order CHECK (starts_at < ends_at)
);
CREATE TABLE availability_conflict (
	id INTEGER NOT NULL, 
	instrument_id VARCHAR NOT NULL, 
	claim_id VARCHAR NOT NULL, 
	others JSON NOT NULL, 
	state VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	resolved_by VARCHAR, 
	resolution VARCHAR, 
	CONSTRAINT pk_availability_conflict PRIMARY KEY (id), 
	CONSTRAINT ck_availability_conflict_state CHECK (state IN ('open', 'resolved'))
);
CREATE TABLE availability_quote (
	id VARCHAR NOT NULL, 
	instrument_id VARCHAR NOT NULL, 
	party_id VARCHAR, 
	made_by VARCHAR NOT NULL, 
	fee_fen INTEGER, 
	made_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	request JSON NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_availability_quote PRIMARY KEY (id)
);
CREATE TABLE availability_rules (
	instrument_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	valid_from DATETIME NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	announced_at DATETIME, 
	document JSON NOT NULL, 
	CONSTRAINT pk_availability_rules PRIMARY KEY (instrument_id, version)
);
CREATE TABLE availability_tariff (
	instrument_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	valid_from DATETIME NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	announced_at DATETIME, 
	document JSON NOT NULL, 
	CONSTRAINT pk_availability_tariff PRIMARY KEY (instrument_id, version)
);
CREATE TABLE availability_training (
	institution_id VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	valid_until DATE, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	removed_at DATETIME, 
	CONSTRAINT pk_availability_training PRIMARY KEY (institution_id, code, holder)
);
CREATE TABLE bookings_booking (
	id VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	resume_state VARCHAR, 
	payment VARCHAR NOT NULL, 
	is_disputed BOOLEAN NOT NULL, 
	is_appealed BOOLEAN NOT NULL, 
	service_mode VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	instrument_id VARCHAR NOT NULL, 
	institution_id VARCHAR, 
	operator_id VARCHAR, 
	responsible VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	home_area VARCHAR, 
	person_id VARCHAR, 
	applicant VARCHAR NOT NULL, 
	starts_at DATETIME, 
	ends_at DATETIME, 
	due_on DATE, 
	fee_fen INTEGER, 
	quote_id VARCHAR, 
	charge_fen INTEGER, 
	remote_id VARCHAR, 
	undo VARCHAR NOT NULL, 
	turn_side VARCHAR NOT NULL, 
	turn_by DATETIME, 
	timer_at DATETIME, 
	created_at DATETIME NOT NULL, 
	submitted_at DATETIME, 
	updated_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	resolved_at DATETIME, 
	document JSON NOT NULL, 
	CONSTRAINT pk_bookings_booking PRIMARY KEY (id), 
	CONSTRAINT ck_bookings_booking_channel CHECK (channel IN ('platform', 'portal', 'counter')), 
	CONSTRAINT ck_bookings_booking_payment CHECK (payment IN ('none', 'due', 'paid')), 
	CONSTRAINT ck_bookings_booking_responsible CHECK (responsible IN ('station', 'institution')), 
	CONSTRAINT ck_bookings_booking_undo CHECK (undo IN ('none', 'open', 'done', 'stuck')), 
	CONSTRAINT ck_bookings_booking_slot CHECK ((starts_at IS NULL) = (ends_at IS NULL)), 
	CONSTRAINT uq_bookings_booking_number UNIQUE (number), 
	CONSTRAINT uq_bookings_booking_province_remote_id UNIQUE (province, remote_id)
);
CREATE TABLE bookings_calendar_feed (
	grant_id INTEGER NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_bookings_calendar_feed PRIMARY KEY (grant_id), 
	CONSTRAINT uq_bookings_calendar_feed_token_hash UNIQUE (token_hash)
);
CREATE TABLE bookings_case (
	id INTEGER NOT NULL, 
	open_key VARCHAR, 
	kind VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	booking_id VARCHAR, 
	state VARCHAR NOT NULL, 
	detail JSON NOT NULL, 
	opened_at DATETIME NOT NULL, 
	seen INTEGER NOT NULL, 
	closed_at DATETIME, 
	closed_by VARCHAR, 
	resolution VARCHAR, 
	CONSTRAINT pk_bookings_case PRIMARY KEY (id), 
	CONSTRAINT ck_bookings_case_state CHECK (state IN ('open', 'closed')), 
	CONSTRAINT uq_bookings_case_open_key UNIQUE (open_key)
);
CREATE TABLE bookings_command_key (
	actor VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	body_hash VARCHAR NOT NULL, 
	booking_id VARCHAR, 
	answer JSON, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_bookings_command_key PRIMARY KEY (actor, "key")
);
CREATE TABLE bookings_delivery (
	id INTEGER NOT NULL, 
	booking_id VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	proposal INTEGER, 
	state VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	deadline DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	lookups INTEGER NOT NULL, 
	sent_at DATETIME, 
	done_at DATETIME, 
	holder VARCHAR, 
	lease_until DATETIME, 
	fence INTEGER NOT NULL, 
	last_error JSON, 
	CONSTRAINT pk_bookings_delivery PRIMARY KEY (id), 
	CONSTRAINT ck_bookings_delivery_state CHECK (state IN ('pending', 'unknown', 'waiting', 'delivered', 'void', 'skipped', 'dead')), 
	CONSTRAINT fk_bookings_delivery_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id), 
	CONSTRAINT fk_bookings_delivery_message_id_exchange_message FOREIGN KEY(message_id) REFERENCES exchange_message (id), 
	CONSTRAINT uq_bookings_delivery_message_id UNIQUE (message_id)
);
CREATE TABLE bookings_download (
	id INTEGER NOT NULL, 
	report_id INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_bookings_download PRIMARY KEY (id), 
	CONSTRAINT fk_bookings_download_report_id_bookings_report FOREIGN KEY(report_id) REFERENCES bookings_report (id)
);
CREATE TABLE bookings_note (
	id INTEGER NOT NULL, 
	booking_id VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	author VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT pk_bookings_note PRIMARY KEY (id), 
	CONSTRAINT fk_bookings_note_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id)
);
CREATE TABLE bookings_proposal (
	booking_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	starts_at DATETIME, 
	ends_at DATETIME, 
	due_on DATE, 
	fee_fen INTEGER, 
	service_mode VARCHAR, 
	reason VARCHAR, 
	text VARCHAR, 
	remote_id VARCHAR, 
	until DATETIME NOT NULL, 
	made_at DATETIME NOT NULL, 
	settled_at DATETIME, 
	CONSTRAINT pk_bookings_proposal PRIMARY KEY (booking_id, number), 
	CONSTRAINT ck_bookings_proposal_state CHECK (state IN ('open', 'agreed', 'declined', 'lapsed')), 
	CONSTRAINT fk_bookings_proposal_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id)
);
CREATE TABLE bookings_rating (
	booking_id VARCHAR NOT NULL, 
	stars INTEGER NOT NULL, 
	text VARCHAR, 
	rated_by VARCHAR NOT NULL, 
	rated_at DATETIME NOT NULL, 
	answer VARCHAR, 
	answered_by VARCHAR, 
	answered_at DATETIME, 
	CONSTRAINT pk_bookings_rating PRIMARY KEY (booking_id), 
	CONSTRAINT ck_bookings_rating_stars CHECK (stars BETWEEN 1 AND 5), 
	CONSTRAINT fk_bookings_rating_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id)
);
CREATE TABLE bookings_report (
	id INTEGER NOT NULL, 
	booking_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	filename VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	scan VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	remote_id VARCHAR, 
	uploaded_by VARCHAR NOT NULL, 
	uploaded_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	CONSTRAINT pk_bookings_report PRIMARY KEY (id), 
	CONSTRAINT ck_bookings_report_scan CHECK (scan IN ('waiting', 'clean', 'infected')), 
	CONSTRAINT ck_bookings_report_source CHECK (source IN ('station', 'platform')), 
	CONSTRAINT fk_bookings_report_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id), 
	CONSTRAINT uq_bookings_report_booking_id_version UNIQUE (booking_id, version)
);
CREATE TABLE bookings_route (
	province VARCHAR NOT NULL, 
	failures INTEGER NOT NULL, 
	open_until DATETIME, 
	last_success_at DATETIME, 
	last_error JSON, 
	feed_cursor VARCHAR, 
	feed_read_at DATETIME, 
	feed_due_at DATETIME, 
	feed_failures INTEGER NOT NULL, 
	refused_signatures INTEGER NOT NULL, 
	refused_at DATETIME, 
	CONSTRAINT pk_bookings_route PRIMARY KEY (province)
);
CREATE TABLE bookings_transition (
	id INTEGER NOT NULL, 
	booking_id VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	command VARCHAR NOT NULL, 
	from_state VARCHAR NOT NULL, 
	to_state VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	province VARCHAR, 
	reason VARCHAR, 
	text VARCHAR, 
	"key" VARCHAR, 
	detail JSON, 
	CONSTRAINT pk_bookings_transition PRIMARY KEY (id), 
	CONSTRAINT fk_bookings_transition_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id), 
	CONSTRAINT uq_bookings_transition_booking_id_revision UNIQUE (booking_id, revision)
);
CREATE TABLE bookings_upload (
	id VARCHAR NOT NULL, 
	booking_id VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	received INTEGER NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	report_id INTEGER, 
	CONSTRAINT pk_bookings_upload PRIMARY KEY (id), 
	CONSTRAINT fk_bookings_upload_booking_id_bookings_booking FOREIGN KEY(booking_id) REFERENCES bookings_booking (id)
);
CREATE TABLE bookings_wish (
	id INTEGER NOT NULL, 
	instrument_id VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	applicant VARCHAR NOT NULL, 
	from_at DATETIME NOT NULL, 
	until_at DATETIME NOT NULL, 
	minutes INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	offered_start DATETIME, 
	offered_end DATETIME, 
	offer_until DATETIME, 
	CONSTRAINT pk_bookings_wish PRIMARY KEY (id), 
	CONSTRAINT ck_bookings_wish_state CHECK (state IN ('waiting', 'offered', 'taken', 'gone'))
);
CREATE TABLE catalog_institution (
	id VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	is_listed BOOLEAN NOT NULL, 
	native_key VARCHAR NOT NULL, 
	name_zh VARCHAR NOT NULL, 
	kind VARCHAR, 
	credit_code VARCHAR, 
	city VARCHAR, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	content_hash VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_catalog_institution PRIMARY KEY (id)
);
INSERT INTO "catalog_institution" VALUES('33-u-fjggqu24vig2','330000',1,'12330302430001775Y','温州云渚材料研究所','research_institute','12330302430001775Y','330300','2026-11-22 02:36:02.121198','2026-11-22 02:36:02.121198',NULL,'6bbc8cdfa990b5cb3ad666e783f30ad7db95da3dbe2d4104626208ff3d0c72ba','{"id":"33-u-fjggqu24vig2","province":"330000","unit_id":"12330302430001775Y","name_zh":"温州云渚材料研究所","name_en":"Wenzhou Yunzhu Institute of Materials","credit_code":"12330302430001775Y","kind":"research_institute","location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号","postcode":"310337","lon":120.66014,"lat":28.03752},"cma_certificate":"332048928222","cnas_certificate":"L20027","website":"https://u33001.org.example/","contact":{"name":"喻老师","office_phone":"0571-55500923","mobile":"13900000923","email":"contact0923@u33001.example.com"}}');
INSERT INTO "catalog_institution" VALUES('33-u-nppaiov3ahbd','330000',1,'91330502MA001QHD8R','湖州鹿鸣环境工程有限公司','enterprise','91330502MA001QHD8R','330500','2026-11-22 02:36:02.121198','2026-11-22 02:36:02.121198',NULL,'ee11bbbefffc49a20768133148caf9d5dea0862cbb1edb5f11bdf52b41a6785e','{"id":"33-u-nppaiov3ahbd","province":"330000","unit_id":"91330502MA001QHD8R","name_zh":"湖州鹿鸣环境工程有限公司","name_en":"Huzhou Luming Environmental Engineering Co. Ltd.","credit_code":"91330502MA001QHD8R","kind":"enterprise","location":{"province":"330000","city":"330500","county":"330502","address":"望江路633号","postcode":"310582","lon":120.19008,"lat":30.85666},"website":"https://u33002.com.example/","contact":{"name":"奚老师","office_phone":"0571-55500927","mobile":"13900000927","email":"contact0927@u33002.example.com"}}');
INSERT INTO "catalog_institution" VALUES('33-u-ivimm2fe4vso','330000',1,'123302824500232269','宁波怀瑾医科大学','university','123302824500232269','330200','2026-11-22 02:36:02.121198','2026-11-22 02:36:02.121198',NULL,'5488965bcd4fea8f4db9fce126b0d835e36f8702d039fe0a66764b91706dda11','{"id":"33-u-ivimm2fe4vso","province":"330000","unit_id":"123302824500232269","name_zh":"宁波怀瑾医科大学","name_en":"Ningbo Huaijin Medical University","credit_code":"123302824500232269","kind":"university","location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号","postcode":"310249","lon":121.2621,"lat":30.19935},"website":"https://u33003.edu.example/","contact":{"name":"杨老师","office_phone":"0571-55500931","mobile":"13900000931","email":"contact0931@u33003.example.com"}}');
CREATE TABLE catalog_instrument (
	id VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	is_listed BOOLEAN NOT NULL, 
	native_key VARCHAR NOT NULL, 
	institution_id VARCHAR, 
	name_zh VARCHAR, 
	class_code VARCHAR, 
	city VARCHAR, 
	origin_country VARCHAR, 
	original_value_fen INTEGER, 
	value_band VARCHAR, 
	funding_source VARCHAR, 
	sharing_mode VARCHAR, 
	effective_hours DOUBLE, 
	external_hours DOUBLE, 
	commissioned_on DATE, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	content_hash VARCHAR, 
	items_hash VARCHAR, 
	survey_withdrawn_at DATETIME, 
	document JSON, 
	survey JSON, 
	main JSON, 
	CONSTRAINT pk_catalog_instrument PRIMARY KEY (id)
);
INSERT INTO "catalog_instrument" VALUES('34-xnlj444byu63','340000',1,'bd66b19665e48f67110f3a9fcd4d37aa|S000000024','34-u-vpwchn7o7wxp','感应耦合等离子体刻蚀机','120302','340500','US',86220000,'50-200',NULL,NULL,NULL,NULL,'2024-03-24','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'c47ce7a9f4762a90e005a11931b13edf876f54b91398a48c2f04565977dc549a',NULL,NULL,'{"id":"34-xnlj444byu63","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000024","name_zh":"感应耦合等离子体刻蚀机","name_en":"Inductively coupled plasma etcher","aliases":["ICP 刻蚀","干法刻蚀机","RIE"],"classification":{"scheme":"most-2006","code":"120302"},"source_classification":{"scheme":"most-2006","code":"120302","text":"半导体集成电路工艺实验设备"},"manufacturer":"应用材料","model":"DPS II","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":86220000,"commissioned_on":"2024-03-24","running_state":"occasional_fault","technical_indicators":"射频功率 1000 W；晶圆 6 英寸；均匀性 ±3%","functions":"用于硅、氮化镓、介质和金属薄膜的干法刻蚀。","service_content":"深硅刻蚀","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"深硅刻蚀：500～1200元/机时","disciplines":["510"],"department":"微纳加工平台","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"严老师","office_phone":"0551-55501265","mobile":"13900001265","email":"contact1265@u34003.example.com"},"customs":{"supervised":false},"service_url":"https://u34003.org.example/share/S000000024","image_url":"https://u34003.org.example/image/S000000024.jpg"}',NULL,'{"id":"34-xnlj444byu63","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000024","name_zh":"感应耦合等离子体刻蚀机","name_en":"Inductively coupled plasma etcher","aliases":["ICP 刻蚀","干法刻蚀机","RIE"],"classification":{"scheme":"most-2006","code":"120302"},"source_classification":{"scheme":"most-2006","code":"120302","text":"半导体集成电路工艺实验设备"},"manufacturer":"应用材料","model":"DPS II","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":86220000,"commissioned_on":"2024-03-24","running_state":"occasional_fault","technical_indicators":"射频功率 1000 W；晶圆 6 英寸；均匀性 ±3%","functions":"用于硅、氮化镓、介质和金属薄膜的干法刻蚀。","service_content":"深硅刻蚀","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"深硅刻蚀：500～1200元/机时","disciplines":["510"],"department":"微纳加工平台","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"严老师","office_phone":"0551-55501265","mobile":"13900001265","email":"contact1265@u34003.example.com"},"customs":{"supervised":false},"service_url":"https://u34003.org.example/share/S000000024","image_url":"https://u34003.org.example/image/S000000024.jpg"}');
INSERT INTO "catalog_instrument" VALUES('34-ww5ex43sa47u','340000',1,'6f270853840b38f1b1694aaedc3f0b0a|20180000001','34-u-ke2exk5ufvxz','全自动血液分析仪','090101','341200','US',50140000,'50-200',NULL,NULL,NULL,NULL,'2018-04-21','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'ecde7afa585c7841e41863462e1e583e01365020736fd0e7b2d4984079a0f508',NULL,NULL,'{"id":"34-ww5ex43sa47u","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20180000001","name_zh":"全自动血液分析仪","name_en":"Haematology analyser","aliases":["血球仪","血液分析仪","血细胞分析"],"classification":{"scheme":"most-2006","code":"090101"},"source_classification":{"scheme":"most-2006","code":"090101","text":"血液分析仪"},"manufacturer":"贝克曼库尔特","model":"DxH 900","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":50140000,"commissioned_on":"2018-04-21","running_state":"normal","technical_indicators":"速度 150 样本/小时；参数 55 项","functions":"用于血细胞计数、分类和网织红细胞分析。","service_content":"血常规检测","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","fee_text":"血常规检测：15～40元/样品","disciplines":["320"],"department":"医学影像中心","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":false,"until":"2021-01-28","declaration_number":"341520181842742411","item_number":"12","permitted_purposes":["scientific_research","technology_development","teaching","approved_external_service"]},"service_url":"https://u34001.edu.example/share/20180000001"}',NULL,'{"id":"34-ww5ex43sa47u","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20180000001","name_zh":"全自动血液分析仪","name_en":"Haematology analyser","aliases":["血球仪","血液分析仪","血细胞分析"],"classification":{"scheme":"most-2006","code":"090101"},"source_classification":{"scheme":"most-2006","code":"090101","text":"血液分析仪"},"manufacturer":"贝克曼库尔特","model":"DxH 900","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":50140000,"commissioned_on":"2018-04-21","running_state":"normal","technical_indicators":"速度 150 样本/小时；参数 55 项","functions":"用于血细胞计数、分类和网织红细胞分析。","service_content":"血常规检测","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","fee_text":"血常规检测：15～40元/样品","disciplines":["320"],"department":"医学影像中心","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":false,"until":"2021-01-28","declaration_number":"341520181842742411","item_number":"12","permitted_purposes":["scientific_research","technology_development","teaching","approved_external_service"]},"service_url":"https://u34001.edu.example/share/20180000001"}');
INSERT INTO "catalog_instrument" VALUES('34-cspv6ptwnqfu','340000',1,'bd66b19665e48f67110f3a9fcd4d37aa|S000000211','34-u-vpwchn7o7wxp','钨灯丝扫描电子显微镜','010102','340500','US',51030000,'50-200',NULL,NULL,NULL,NULL,'2011-11-16','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'59aa7cf9039d489a00f2bef88f8ba8a7d931c35664be8b4559491d7a657394eb',NULL,NULL,'{"id":"34-cspv6ptwnqfu","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000211","name_zh":"钨灯丝扫描电子显微镜","name_en":"Tungsten scanning electron microscope","aliases":["扫描电镜","钨灯丝扫描电镜","SEM"],"classification":{"scheme":"most-2006","code":"010102"},"source_classification":{"scheme":"most-2006","code":"010102","text":"扫描电镜"},"manufacturer":"赛默飞世尔科技","model":"Axia ChemiSEM","origin_country":"US","acquisition_method":"purchased","equipment_type":"general","original_value_fen":51030000,"commissioned_on":"2011-11-16","running_state":"normal","technical_indicators":"分辨率 3.5 nm（30 kV，高真空）；放大倍数 5～100 万倍；最大样品直径 200 mm","functions":"用于金属、陶瓷、高分子、地质与生物样品的形貌观察和元素分析。","service_content":"形貌观察、能谱分析","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"形貌观察：150～300元/机时；能谱分析：100～260元/样品","disciplines":["430","180","440"],"department":"科研共享平台","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"秦老师","office_phone":"0551-55501264","mobile":"13900001264","email":"contact1264@u34003.example.com"},"customs":{"supervised":false,"until":"2014-09-10","declaration_number":"349720111567626805","item_number":"07","permitted_purposes":["scientific_research","technology_development","teaching","approved_external_service"]},"service_url":"https://u34003.org.example/share/S000000211"}',NULL,'{"id":"34-cspv6ptwnqfu","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000211","name_zh":"钨灯丝扫描电子显微镜","name_en":"Tungsten scanning electron microscope","aliases":["扫描电镜","钨灯丝扫描电镜","SEM"],"classification":{"scheme":"most-2006","code":"010102"},"source_classification":{"scheme":"most-2006","code":"010102","text":"扫描电镜"},"manufacturer":"赛默飞世尔科技","model":"Axia ChemiSEM","origin_country":"US","acquisition_method":"purchased","equipment_type":"general","original_value_fen":51030000,"commissioned_on":"2011-11-16","running_state":"normal","technical_indicators":"分辨率 3.5 nm（30 kV，高真空）；放大倍数 5～100 万倍；最大样品直径 200 mm","functions":"用于金属、陶瓷、高分子、地质与生物样品的形貌观察和元素分析。","service_content":"形貌观察、能谱分析","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"形貌观察：150～300元/机时；能谱分析：100～260元/样品","disciplines":["430","180","440"],"department":"科研共享平台","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"秦老师","office_phone":"0551-55501264","mobile":"13900001264","email":"contact1264@u34003.example.com"},"customs":{"supervised":false,"until":"2014-09-10","declaration_number":"349720111567626805","item_number":"07","permitted_purposes":["scientific_research","technology_development","teaching","approved_external_service"]},"service_url":"https://u34003.org.example/share/S000000211"}');
INSERT INTO "catalog_instrument" VALUES('34-nyjlowyy3imp','340000',1,'e52a81ccb435aa488ce9d25eff097403|S000000305','34-u-ttn23i3fzlvp','放电等离子烧结炉','120404','341500','US',51380000,'50-200',NULL,NULL,NULL,NULL,'2005-05-02','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'f78b70994905a00f2b4512b51ff5560c49ad7000a788c7cfa2d777424161e21b',NULL,NULL,'{"id":"34-nyjlowyy3imp","province":"340000","unit":{"id":"e52a81ccb435aa488ce9d25eff097403","name":"六安听涛检测技术有限公司"},"internal_number":"S000000305","name_zh":"放电等离子烧结炉","name_en":"Spark plasma sintering furnace","aliases":["SPS","热压炉","烧结炉"],"classification":{"scheme":"most-2006","code":"120404"},"source_classification":{"scheme":"most-2006","code":"120404","text":"热处理加工工艺实验设备"},"manufacturer":"热科技","model":"DCS-25","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":51380000,"commissioned_on":"2005-05-02","running_state":"normal","technical_indicators":"最高温度 2200 ℃；压力 50 kN；真空 5 Pa","functions":"用于陶瓷、金属、热电和复合材料快速烧结。","service_content":"粉末烧结成形","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"粉末烧结成形：600～1800元/次","disciplines":["430","450"],"department":"中试基地","location":{"province":"340000","city":"341500","address":"云谷路782号","postcode":"231598","lon":116.49254,"lat":31.75711},"contact":{"name":"郎老师","office_phone":"0551-55501261","mobile":"13900001261","email":"contact1261@u34002.example.com"},"customs":{"supervised":false},"service_url":"https://u34002.com.example/share/S000000305"}',NULL,'{"id":"34-nyjlowyy3imp","province":"340000","unit":{"id":"e52a81ccb435aa488ce9d25eff097403","name":"六安听涛检测技术有限公司"},"internal_number":"S000000305","name_zh":"放电等离子烧结炉","name_en":"Spark plasma sintering furnace","aliases":["SPS","热压炉","烧结炉"],"classification":{"scheme":"most-2006","code":"120404"},"source_classification":{"scheme":"most-2006","code":"120404","text":"热处理加工工艺实验设备"},"manufacturer":"热科技","model":"DCS-25","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":51380000,"commissioned_on":"2005-05-02","running_state":"normal","technical_indicators":"最高温度 2200 ℃；压力 50 kN；真空 5 Pa","functions":"用于陶瓷、金属、热电和复合材料快速烧结。","service_content":"粉末烧结成形","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"粉末烧结成形：600～1800元/次","disciplines":["430","450"],"department":"中试基地","location":{"province":"340000","city":"341500","address":"云谷路782号","postcode":"231598","lon":116.49254,"lat":31.75711},"contact":{"name":"郎老师","office_phone":"0551-55501261","mobile":"13900001261","email":"contact1261@u34002.example.com"},"customs":{"supervised":false},"service_url":"https://u34002.com.example/share/S000000305"}');
INSERT INTO "catalog_instrument" VALUES('34-exdodpkcsj54','340000',1,'e52a81ccb435aa488ce9d25eff097403|S000000421','34-u-ttn23i3fzlvp','紫外光刻机','120302','341500','GB',301980000,'200-500',NULL,NULL,NULL,NULL,'2021-05-11','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'67fe8d3c9e609ff55babd8d44008e6f03317e6e73ce58828c5073ccadda71194',NULL,NULL,'{"id":"34-exdodpkcsj54","province":"340000","unit":{"id":"e52a81ccb435aa488ce9d25eff097403","name":"六安听涛检测技术有限公司"},"internal_number":"S000000421","name_zh":"紫外光刻机","name_en":"Mask aligner","aliases":["光刻机","掩模对准光刻"],"classification":{"scheme":"most-2006","code":"120302"},"source_classification":{"scheme":"most-2006","code":"120302","text":"半导体集成电路工艺实验设备"},"manufacturer":"杜里德","model":"PALS-150","origin_country":"GB","acquisition_method":"purchased","equipment_type":"special","original_value_fen":301980000,"commissioned_on":"2021-05-11","running_state":"normal","technical_indicators":"分辨率 0.35 μm；对准精度 ±1 μm；晶圆 8 英寸","functions":"用于微电子、微机电与微流控器件的光刻工艺。","service_content":"接触式光刻、光刻工艺上机","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"接触式光刻：150～500元/样品；光刻工艺上机：300～700元/机时","achievements":"支撑各类科研项目 29 项，支持发表论文 6 篇。","disciplines":["510"],"department":"微纳加工平台","location":{"province":"340000","city":"341500","address":"云谷路782号","postcode":"231598","lon":116.49254,"lat":31.75711},"contact":{"name":"王老师","office_phone":"0551-55501260","mobile":"13900001260","email":"contact1260@u34002.example.com"},"customs":{"supervised":false},"service_url":"https://u34002.com.example/share/S000000421"}',NULL,'{"id":"34-exdodpkcsj54","province":"340000","unit":{"id":"e52a81ccb435aa488ce9d25eff097403","name":"六安听涛检测技术有限公司"},"internal_number":"S000000421","name_zh":"紫外光刻机","name_en":"Mask aligner","aliases":["光刻机","掩模对准光刻"],"classification":{"scheme":"most-2006","code":"120302"},"source_classification":{"scheme":"most-2006","code":"120302","text":"半导体集成电路工艺实验设备"},"manufacturer":"杜里德","model":"PALS-150","origin_country":"GB","acquisition_method":"purchased","equipment_type":"special","original_value_fen":301980000,"commissioned_on":"2021-05-11","running_state":"normal","technical_indicators":"分辨率 0.35 μm；对准精度 ±1 μm；晶圆 8 英寸","functions":"用于微电子、微机电与微流控器件的光刻工艺。","service_content":"接触式光刻、光刻工艺上机","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"接触式光刻：150～500元/样品；光刻工艺上机：300～700元/机时","achievements":"支撑各类科研项目 29 项，支持发表论文 6 篇。","disciplines":["510"],"department":"微纳加工平台","location":{"province":"340000","city":"341500","address":"云谷路782号","postcode":"231598","lon":116.49254,"lat":31.75711},"contact":{"name":"王老师","office_phone":"0551-55501260","mobile":"13900001260","email":"contact1260@u34002.example.com"},"customs":{"supervised":false},"service_url":"https://u34002.com.example/share/S000000421"}');
INSERT INTO "catalog_instrument" VALUES('34-lracuxjuh3gp','340000',1,'6f270853840b38f1b1694aaedc3f0b0a|20250000005','34-u-ke2exk5ufvxz','汽车动力总成试验台','120199','341200','CN',1692580000,'800+',NULL,NULL,NULL,NULL,'2025-03-05','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'9001e26fc7016dd8a2ec7e71c3e6780c6aab2ff70653645065a7097146c53ecc',NULL,NULL,'{"id":"34-lracuxjuh3gp","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20250000005","name_zh":"汽车动力总成试验台","name_en":"Automotive powertrain test bench","aliases":["发动机台架","电驱动试验台","底盘测功机"],"classification":{"scheme":"most-2006","code":"120199"},"source_classification":{"scheme":"most-2006","code":"120199","text":"其他汽车工艺实验设备"},"manufacturer":"湘仪动力","model":"GW300","origin_country":"CN","acquisition_method":"purchased","equipment_type":"special","original_value_fen":1692580000,"commissioned_on":"2025-03-05","running_state":"occasional_fault","technical_indicators":"功率 250 kW；转速 20000 rpm；扭矩精度 ±0.2%","functions":"用于发动机、电驱动和整车性能、排放与耐久试验。","service_content":"发动机性能试验、轻型汽车排放试验","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"发动机性能试验：1200～3000元/机时；轻型汽车排放试验：6000～12000元/次","disciplines":["580"],"department":"中试基地","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"姜老师","office_phone":"0551-55501257","mobile":"13900001257","email":"contact1257@u34001.example.com"},"customs":{"supervised":false},"service_url":"https://u34001.edu.example/share/20250000005","image_url":"https://u34001.edu.example/image/20250000005.jpg"}',NULL,'{"id":"34-lracuxjuh3gp","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20250000005","name_zh":"汽车动力总成试验台","name_en":"Automotive powertrain test bench","aliases":["发动机台架","电驱动试验台","底盘测功机"],"classification":{"scheme":"most-2006","code":"120199"},"source_classification":{"scheme":"most-2006","code":"120199","text":"其他汽车工艺实验设备"},"manufacturer":"湘仪动力","model":"GW300","origin_country":"CN","acquisition_method":"purchased","equipment_type":"special","original_value_fen":1692580000,"commissioned_on":"2025-03-05","running_state":"occasional_fault","technical_indicators":"功率 250 kW；转速 20000 rpm；扭矩精度 ±0.2%","functions":"用于发动机、电驱动和整车性能、排放与耐久试验。","service_content":"发动机性能试验、轻型汽车排放试验","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"发动机性能试验：1200～3000元/机时；轻型汽车排放试验：6000～12000元/次","disciplines":["580"],"department":"中试基地","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"姜老师","office_phone":"0551-55501257","mobile":"13900001257","email":"contact1257@u34001.example.com"},"customs":{"supervised":false},"service_url":"https://u34001.edu.example/share/20250000005","image_url":"https://u34001.edu.example/image/20250000005.jpg"}');
INSERT INTO "catalog_instrument" VALUES('34-gwt6zvavjixz','340000',1,'6f270853840b38f1b1694aaedc3f0b0a|20130000006','34-u-ke2exk5ufvxz','圆柱度测量仪','030127','341200','US',51770000,'50-200',NULL,NULL,NULL,NULL,'2013-02-23','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'416819c4520e401c0572c4617a2f3863b43e0855b479700cbfead8f9cbaa319c',NULL,NULL,'{"id":"34-gwt6zvavjixz","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20130000006","name_zh":"圆柱度测量仪","name_en":"Roundness and cylindricity measuring instrument","aliases":["圆度仪"],"classification":{"scheme":"most-2006","code":"030127"},"source_classification":{"scheme":"most-2006","code":"030127","text":"圆柱度测量仪"},"manufacturer":"艾德科","model":"AC-3000","origin_country":"US","acquisition_method":"purchased","equipment_type":"general","original_value_fen":51770000,"commissioned_on":"2013-02-23","running_state":"occasional_fault","technical_indicators":"主轴径向误差 ±0.02 μm；测量高度 500 mm","functions":"用于回转体零件圆度、圆柱度、同轴度测量。","service_content":"圆度圆柱度测量","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"圆度圆柱度测量：120～300元/样品","disciplines":["460"],"department":"计量检定中心","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":false},"service_url":"https://u34001.edu.example/share/20130000006","image_url":"https://u34001.edu.example/image/20130000006.jpg"}',NULL,'{"id":"34-gwt6zvavjixz","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20130000006","name_zh":"圆柱度测量仪","name_en":"Roundness and cylindricity measuring instrument","aliases":["圆度仪"],"classification":{"scheme":"most-2006","code":"030127"},"source_classification":{"scheme":"most-2006","code":"030127","text":"圆柱度测量仪"},"manufacturer":"艾德科","model":"AC-3000","origin_country":"US","acquisition_method":"purchased","equipment_type":"general","original_value_fen":51770000,"commissioned_on":"2013-02-23","running_state":"occasional_fault","technical_indicators":"主轴径向误差 ±0.02 μm；测量高度 500 mm","functions":"用于回转体零件圆度、圆柱度、同轴度测量。","service_content":"圆度圆柱度测量","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"圆度圆柱度测量：120～300元/样品","disciplines":["460"],"department":"计量检定中心","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":false},"service_url":"https://u34001.edu.example/share/20130000006","image_url":"https://u34001.edu.example/image/20130000006.jpg"}');
INSERT INTO "catalog_instrument" VALUES('34-vszv3to6dybh','340000',1,'bd66b19665e48f67110f3a9fcd4d37aa|S000000721','34-u-vpwchn7o7wxp','大型动物实验与生物安全装备','990000','340500','US',135070000,'50-200',NULL,NULL,NULL,NULL,'2021-04-07','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'6aae687f6b131be431cacb1c3f6a8b13fe1572380c98d44f060a97f0fdb3f6ee',NULL,NULL,'{"id":"34-vszv3to6dybh","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000721","name_zh":"大型动物实验与生物安全装备","name_en":"Laboratory animal and biosafety system","aliases":["独立通风笼具","生物安全柜"],"classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000","text":"其他仪器"},"manufacturer":"阿伦敦","model":"XJ-90","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":135070000,"commissioned_on":"2021-04-07","running_state":"normal","technical_indicators":"笼位 120 个；换气 75 次/小时；正压","functions":"用于无特定病原体动物饲养与感染实验。","service_content":"实验动物代养","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"实验动物代养：5～15元/天","disciplines":["310","350"],"department":"公共实验平台","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"华老师","office_phone":"0551-55501262","mobile":"13900001262","email":"contact1262@u34003.example.com"},"customs":{"supervised":false,"until":"2023-12-19","declaration_number":"347320201852684784","item_number":"11","permitted_purposes":["scientific_research","technology_development","teaching","approved_external_service"]},"service_url":"https://u34003.org.example/share/S000000721","image_url":"https://u34003.org.example/image/S000000721.jpg"}',NULL,'{"id":"34-vszv3to6dybh","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000721","name_zh":"大型动物实验与生物安全装备","name_en":"Laboratory animal and biosafety system","aliases":["独立通风笼具","生物安全柜"],"classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000","text":"其他仪器"},"manufacturer":"阿伦敦","model":"XJ-90","origin_country":"US","acquisition_method":"purchased","equipment_type":"special","original_value_fen":135070000,"commissioned_on":"2021-04-07","running_state":"normal","technical_indicators":"笼位 120 个；换气 75 次/小时；正压","functions":"用于无特定病原体动物饲养与感染实验。","service_content":"实验动物代养","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"实验动物代养：5～15元/天","disciplines":["310","350"],"department":"公共实验平台","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"华老师","office_phone":"0551-55501262","mobile":"13900001262","email":"contact1262@u34003.example.com"},"customs":{"supervised":false,"until":"2023-12-19","declaration_number":"347320201852684784","item_number":"11","permitted_purposes":["scientific_research","technology_development","teaching","approved_external_service"]},"service_url":"https://u34003.org.example/share/S000000721","image_url":"https://u34003.org.example/image/S000000721.jpg"}');
INSERT INTO "catalog_instrument" VALUES('34-z6fnrbg6j3un','340000',1,'bd66b19665e48f67110f3a9fcd4d37aa|S000000807','34-u-vpwchn7o7wxp','同步热分析仪','010903','340500','JP',57490000,'50-200',NULL,NULL,NULL,NULL,'2007-10-24','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'f6c46b0a869480455be48091d77adf98a58326577eecb186ecdd79916b4f9381',NULL,NULL,'{"id":"34-z6fnrbg6j3un","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000807","name_zh":"同步热分析仪","name_en":"Simultaneous thermal analyser","aliases":["热分析仪","TG-DSC","STA","热重分析仪"],"classification":{"scheme":"most-2006","code":"010903"},"source_classification":{"scheme":"most-2006","code":"010903","text":"热天平"},"manufacturer":"日立高新技术","model":"STA7300","origin_country":"JP","acquisition_method":"purchased","equipment_type":"general","original_value_fen":57490000,"commissioned_on":"2007-10-24","running_state":"normal","technical_indicators":"温度范围 室温～1500 ℃；天平灵敏度 1 μg；升温速率 0.1～100 K/min","functions":"用于材料热稳定性、相变、分解和组成分析。","service_content":"热重分析、差热分析","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"热重分析：120～300元/样品；差热分析：150～320元/样品","disciplines":["430","150"],"department":"机械工程学院","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"秦老师","office_phone":"0551-55501264","mobile":"13900001264","email":"contact1264@u34003.example.com"},"customs":{"supervised":false},"service_url":"https://u34003.org.example/share/S000000807"}',NULL,'{"id":"34-z6fnrbg6j3un","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000807","name_zh":"同步热分析仪","name_en":"Simultaneous thermal analyser","aliases":["热分析仪","TG-DSC","STA","热重分析仪"],"classification":{"scheme":"most-2006","code":"010903"},"source_classification":{"scheme":"most-2006","code":"010903","text":"热天平"},"manufacturer":"日立高新技术","model":"STA7300","origin_country":"JP","acquisition_method":"purchased","equipment_type":"general","original_value_fen":57490000,"commissioned_on":"2007-10-24","running_state":"normal","technical_indicators":"温度范围 室温～1500 ℃；天平灵敏度 1 μg；升温速率 0.1～100 K/min","functions":"用于材料热稳定性、相变、分解和组成分析。","service_content":"热重分析、差热分析","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"热重分析：120～300元/样品；差热分析：150～320元/样品","disciplines":["430","150"],"department":"机械工程学院","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"秦老师","office_phone":"0551-55501264","mobile":"13900001264","email":"contact1264@u34003.example.com"},"customs":{"supervised":false},"service_url":"https://u34003.org.example/share/S000000807"}');
INSERT INTO "catalog_instrument" VALUES('34-7msqpdg2bjhg','340000',1,'bd66b19665e48f67110f3a9fcd4d37aa|S000000925','34-u-vpwchn7o7wxp','X射线衍射仪','010301','340500','NL',188810000,'50-200',NULL,NULL,NULL,NULL,'2025-12-15','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'1a209138af4ea4c33f1a7bb27964c857facb1504d06f384cf4f21ba614cdba24',NULL,NULL,'{"id":"34-7msqpdg2bjhg","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000925","name_zh":"X射线衍射仪","name_en":"X-ray diffractometer","aliases":["XRD","粉末衍射仪","X射线粉末衍射仪"],"classification":{"scheme":"most-2006","code":"010301"},"source_classification":{"scheme":"most-2006","code":"010301","text":"X射线衍射仪"},"manufacturer":"马尔文帕纳科","model":"X''Pert3 Powder","origin_country":"NL","acquisition_method":"purchased","equipment_type":"general","original_value_fen":188810000,"commissioned_on":"2025-12-15","running_state":"normal","technical_indicators":"最大功率 9 kW；测角仪精度 0.001°；2θ 范围 -3～160°；二维面探测器","functions":"用于物相定性定量分析、晶粒尺寸、残余应力和薄膜结构测定。","service_content":"物相定性分析、残余应力测定、晶粒尺寸及微观应变测定、衍射仪上机","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"物相定性分析：60～180元/样品；残余应力测定：200～500元/项目；晶粒尺寸及微观应变测定：200～400元/样品；衍射仪上机：120～260元/机时","disciplines":["430"],"department":"中心实验室","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"华老师","office_phone":"0551-55501262","mobile":"13900001262","email":"contact1262@u34003.example.com"},"customs":{"supervised":false},"service_url":"https://u34003.org.example/share/S000000925"}',NULL,'{"id":"34-7msqpdg2bjhg","province":"340000","unit":{"id":"bd66b19665e48f67110f3a9fcd4d37aa","name":"马鞍山格物疾病预防研究所"},"internal_number":"S000000925","name_zh":"X射线衍射仪","name_en":"X-ray diffractometer","aliases":["XRD","粉末衍射仪","X射线粉末衍射仪"],"classification":{"scheme":"most-2006","code":"010301"},"source_classification":{"scheme":"most-2006","code":"010301","text":"X射线衍射仪"},"manufacturer":"马尔文帕纳科","model":"X''Pert3 Powder","origin_country":"NL","acquisition_method":"purchased","equipment_type":"general","original_value_fen":188810000,"commissioned_on":"2025-12-15","running_state":"normal","technical_indicators":"最大功率 9 kW；测角仪精度 0.001°；2θ 范围 -3～160°；二维面探测器","functions":"用于物相定性定量分析、晶粒尺寸、残余应力和薄膜结构测定。","service_content":"物相定性分析、残余应力测定、晶粒尺寸及微观应变测定、衍射仪上机","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"物相定性分析：60～180元/样品；残余应力测定：200～500元/项目；晶粒尺寸及微观应变测定：200～400元/样品；衍射仪上机：120～260元/机时","disciplines":["430"],"department":"中心实验室","location":{"province":"340000","city":"340500","county":"340504","address":"科技路922号","postcode":"230571","lon":118.51551,"lat":31.68521},"contact":{"name":"华老师","office_phone":"0551-55501262","mobile":"13900001262","email":"contact1262@u34003.example.com"},"customs":{"supervised":false},"service_url":"https://u34003.org.example/share/S000000925"}');
INSERT INTO "catalog_instrument" VALUES('34-ohpgudtc2y6a','340000',1,'6f270853840b38f1b1694aaedc3f0b0a|20240000010','34-u-ke2exk5ufvxz','紫外可见近红外分光光度计','010401','341200','JP',57350000,'50-200',NULL,NULL,NULL,NULL,'2024-11-20','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'d0c1ac27933649e8f7789d18daebce50ee12ad33769ae47d9787cc7e46f58640',NULL,NULL,'{"id":"34-ohpgudtc2y6a","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20240000010","name_zh":"紫外可见近红外分光光度计","name_en":"UV-Vis-NIR spectrophotometer","aliases":["紫外分光光度计","UV-Vis"],"classification":{"scheme":"most-2006","code":"010401"},"source_classification":{"scheme":"most-2006","code":"010401","text":"紫外可见分光光度计"},"manufacturer":"日立高新技术","model":"UH4150","origin_country":"JP","acquisition_method":"other","equipment_type":"general","original_value_fen":57350000,"commissioned_on":"2024-11-20","running_state":"normal","technical_indicators":"波长范围 185～3300 nm；杂散光 <0.00007%T；分辨率 0.1 nm","functions":"用于溶液吸收光谱及固体薄膜透射、反射光谱测定。","service_content":"透射反射光谱测定","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","fee_text":"透射反射光谱测定：60～160元/样品","disciplines":["150","430"],"department":"材料学院","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":true,"until":"2027-08-02","declaration_number":"346020241204227870","item_number":"01","permitted_purposes":["scientific_research","teaching"]},"service_url":"https://u34001.edu.example/share/20240000010","image_url":"https://u34001.edu.example/image/20240000010.jpg"}',NULL,'{"id":"34-ohpgudtc2y6a","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20240000010","name_zh":"紫外可见近红外分光光度计","name_en":"UV-Vis-NIR spectrophotometer","aliases":["紫外分光光度计","UV-Vis"],"classification":{"scheme":"most-2006","code":"010401"},"source_classification":{"scheme":"most-2006","code":"010401","text":"紫外可见分光光度计"},"manufacturer":"日立高新技术","model":"UH4150","origin_country":"JP","acquisition_method":"other","equipment_type":"general","original_value_fen":57350000,"commissioned_on":"2024-11-20","running_state":"normal","technical_indicators":"波长范围 185～3300 nm；杂散光 <0.00007%T；分辨率 0.1 nm","functions":"用于溶液吸收光谱及固体薄膜透射、反射光谱测定。","service_content":"透射反射光谱测定","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","fee_text":"透射反射光谱测定：60～160元/样品","disciplines":["150","430"],"department":"材料学院","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":true,"until":"2027-08-02","declaration_number":"346020241204227870","item_number":"01","permitted_purposes":["scientific_research","teaching"]},"service_url":"https://u34001.edu.example/share/20240000010","image_url":"https://u34001.edu.example/image/20240000010.jpg"}');
INSERT INTO "catalog_instrument" VALUES('34-6euvabqbx57t','340000',1,'6f270853840b38f1b1694aaedc3f0b0a|20140000011','34-u-ke2exk5ufvxz','激光扫描共聚焦显微镜','010802','341200','DE',115720000,'50-200',NULL,NULL,NULL,NULL,'2014-02-16','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',NULL,'149098bb7d08a135306e880d226730a966bbd7f6b5e27be4748460c4502488a3',NULL,NULL,'{"id":"34-6euvabqbx57t","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20140000011","name_zh":"激光扫描共聚焦显微镜","name_en":"Laser scanning confocal microscope","aliases":["共聚焦显微镜","激光共聚焦","LSCM","激光共焦显微镜"],"classification":{"scheme":"most-2006","code":"010802"},"source_classification":{"scheme":"most-2006","code":"010802","text":"激光共焦显微镜"},"manufacturer":"徕卡","model":"STELLARIS 8","origin_country":"DE","acquisition_method":"purchased","equipment_type":"general","original_value_fen":115720000,"commissioned_on":"2014-02-16","running_state":"normal","technical_indicators":"激光谱线 405/488/561/640 nm；横向分辨率 180 nm；扫描速度 438 帧/秒","functions":"用于细胞和组织荧光成像、三维重构、荧光共振能量转移和漂白恢复实验。","service_content":"荧光共聚焦成像、三维层扫与重构","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"荧光共聚焦成像：150～360元/机时；三维层扫与重构：200～500元/样品","disciplines":["180","310","350"],"department":"化学化工学院","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":false,"until":"2016-11-01","declaration_number":"345220131729894122","item_number":"18","permitted_purposes":["scientific_research","technology_development","teaching"]},"service_url":"https://u34001.edu.example/share/20140000011"}',NULL,'{"id":"34-6euvabqbx57t","province":"340000","unit":{"id":"6f270853840b38f1b1694aaedc3f0b0a","name":"阜阳汀兰理工大学"},"internal_number":"20140000011","name_zh":"激光扫描共聚焦显微镜","name_en":"Laser scanning confocal microscope","aliases":["共聚焦显微镜","激光共聚焦","LSCM","激光共焦显微镜"],"classification":{"scheme":"most-2006","code":"010802"},"source_classification":{"scheme":"most-2006","code":"010802","text":"激光共焦显微镜"},"manufacturer":"徕卡","model":"STELLARIS 8","origin_country":"DE","acquisition_method":"purchased","equipment_type":"general","original_value_fen":115720000,"commissioned_on":"2014-02-16","running_state":"normal","technical_indicators":"激光谱线 405/488/561/640 nm；横向分辨率 180 nm；扫描速度 438 帧/秒","functions":"用于细胞和组织荧光成像、三维重构、荧光共振能量转移和漂白恢复实验。","service_content":"荧光共聚焦成像、三维层扫与重构","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"荧光共聚焦成像：150～360元/机时；三维层扫与重构：200～500元/样品","disciplines":["180","310","350"],"department":"化学化工学院","location":{"province":"340000","city":"341200","address":"云谷路858号","postcode":"231258","lon":115.81346,"lat":32.90428},"contact":{"name":"章老师","office_phone":"0551-55501254","mobile":"13900001254","email":"contact1254@u34001.example.com"},"customs":{"supervised":false,"until":"2016-11-01","declaration_number":"345220131729894122","item_number":"18","permitted_purposes":["scientific_research","technology_development","teaching"]},"service_url":"https://u34001.edu.example/share/20140000011"}');
INSERT INTO "catalog_instrument" VALUES('53-6rafrsq2vrtx','530000',1,'21babfcb5fa2df16d12dd281ba157856|S000000012','53-u-ikx2j2x2mt7i','教学与科研综合实验平台','990000','530600','CH',53710000,'50-200',NULL,NULL,NULL,NULL,'2012-02-22','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'f895296116cb9ced5da04bb59b7c771b7e6553a50260c809bb6e4337a3b4e75a',NULL,NULL,'{"id":"53-6rafrsq2vrtx","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000000012","name_zh":"教学与科研综合实验平台","name_en":"Integrated teaching and research platform","department":"生命科学学院","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":53710000,"origin_country":"CH","manufacturer":"ABB（苏黎世）","commissioned_on":"2012-02-22","model":"IRB 6700","technical_indicators":"自由度 7；负载 14 kg；重复定位 ±0.05 mm","functions":"用于智能制造、人机协作和无人系统研究与教学。","disciplines":["413","460"],"service_content":"机器人性能测试","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"机器人性能测试：3000～8000元/项目","service_url":"https://u53002.edu.example/share/S000000012","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"许老师","office_phone":"0871-55507548","mobile":"13900007548","email":"contact7548@u53002.example.com"},"running_state":"normal"}',NULL,'{"id":"53-6rafrsq2vrtx","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000000012","name_zh":"教学与科研综合实验平台","name_en":"Integrated teaching and research platform","department":"生命科学学院","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":53710000,"origin_country":"CH","manufacturer":"ABB（苏黎世）","commissioned_on":"2012-02-22","model":"IRB 6700","technical_indicators":"自由度 7；负载 14 kg；重复定位 ±0.05 mm","functions":"用于智能制造、人机协作和无人系统研究与教学。","disciplines":["413","460"],"service_content":"机器人性能测试","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"机器人性能测试：3000～8000元/项目","service_url":"https://u53002.edu.example/share/S000000012","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"许老师","office_phone":"0871-55507548","mobile":"13900007548","email":"contact7548@u53002.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-xqvtb7jt3jlp','530000',1,'2416ba2801957326b513332a968b1e5d|S000000124','53-u-ou75isutfjou','高密度脑电采集系统','090302','530300','US',138730000,'50-200',NULL,NULL,NULL,NULL,'2024-07-15','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'a2c06a8019c1b1ac0c3eeeef26e36bef5f8fd96882909f8494b03aca5b10755b',NULL,NULL,'{"id":"53-xqvtb7jt3jlp","province":"530000","unit":{"id":"2416ba2801957326b513332a968b1e5d","name":"曲靖新源农业科学研究院"},"internal_number":"S000000124","name_zh":"高密度脑电采集系统","name_en":"High density EEG system","department":"检验医学部","classification":{"scheme":"most-2006","code":"090302"},"source_classification":{"scheme":"most-2006","code":"090302"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":138730000,"origin_country":"US","manufacturer":"康普迈迪","commissioned_on":"2024-07-15","model":"SynAmps RT","technical_indicators":"导联 256；采样率 25 kHz；可同步眼动","functions":"用于认知神经、睡眠和脑机接口研究。","disciplines":["190","310"],"service_content":"脑电采集","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"脑电采集：100～260元/机时","service_url":"https://u53001.org.example/share/S000000124","customs":{"supervised":true},"image_url":"https://u53001.org.example/image/S000000124.jpg","location":{"province":"530000","city":"530300","county":"530302","address":"云南省曲靖市麒麟区创新大道332号","postcode":"650334"},"contact":{"name":"郎老师","office_phone":"0871-55507543","mobile":"13900007543","email":"contact7543@u53001.example.com"},"running_state":"normal","achievements":"支撑各类科研项目 17 项，支持发表论文 59 篇。"}',NULL,'{"id":"53-xqvtb7jt3jlp","province":"530000","unit":{"id":"2416ba2801957326b513332a968b1e5d","name":"曲靖新源农业科学研究院"},"internal_number":"S000000124","name_zh":"高密度脑电采集系统","name_en":"High density EEG system","department":"检验医学部","classification":{"scheme":"most-2006","code":"090302"},"source_classification":{"scheme":"most-2006","code":"090302"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":138730000,"origin_country":"US","manufacturer":"康普迈迪","commissioned_on":"2024-07-15","model":"SynAmps RT","technical_indicators":"导联 256；采样率 25 kHz；可同步眼动","functions":"用于认知神经、睡眠和脑机接口研究。","disciplines":["190","310"],"service_content":"脑电采集","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"脑电采集：100～260元/机时","service_url":"https://u53001.org.example/share/S000000124","customs":{"supervised":true},"image_url":"https://u53001.org.example/image/S000000124.jpg","location":{"province":"530000","city":"530300","county":"530302","address":"云南省曲靖市麒麟区创新大道332号","postcode":"650334"},"contact":{"name":"郎老师","office_phone":"0871-55507543","mobile":"13900007543","email":"contact7543@u53001.example.com"},"running_state":"normal","achievements":"支撑各类科研项目 17 项，支持发表论文 59 篇。"}');
INSERT INTO "catalog_instrument" VALUES('53-bmbnayo34bad','530000',1,'21babfcb5fa2df16d12dd281ba157856|S000000210','53-u-ikx2j2x2mt7i','激光雷达大气探测系统','070404','530600','US',141560000,'50-200',NULL,NULL,NULL,NULL,'2010-01-15','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'0c42c3aa6acb547adc06dce7db139755900b59a2f75f3fca8f4b2326aa6dcc59',NULL,NULL,'{"id":"53-bmbnayo34bad","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000000210","name_zh":"激光雷达大气探测系统","name_en":"Atmospheric lidar","department":"环境监测室","classification":{"scheme":"most-2006","code":"070404"},"source_classification":{"scheme":"most-2006","code":"070404"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":141560000,"origin_country":"US","manufacturer":"西格玛空间","commissioned_on":"2010-01-15","model":"MPL-4B","technical_indicators":"波长 1543 nm；探测距离 0.15～30 km；距离分辨率 7.5 m","functions":"用于气溶胶、臭氧、风场和边界层高度探测。","disciplines":["170"],"service_content":"大气边界层垂直探测","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"大气边界层垂直探测：5000～12000元/项目","service_url":"https://u53002.edu.example/share/S000000210","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"许老师","office_phone":"0871-55507548","mobile":"13900007548","email":"contact7548@u53002.example.com"},"running_state":"awaiting_repair"}',NULL,'{"id":"53-bmbnayo34bad","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000000210","name_zh":"激光雷达大气探测系统","name_en":"Atmospheric lidar","department":"环境监测室","classification":{"scheme":"most-2006","code":"070404"},"source_classification":{"scheme":"most-2006","code":"070404"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":141560000,"origin_country":"US","manufacturer":"西格玛空间","commissioned_on":"2010-01-15","model":"MPL-4B","technical_indicators":"波长 1543 nm；探测距离 0.15～30 km；距离分辨率 7.5 m","functions":"用于气溶胶、臭氧、风场和边界层高度探测。","disciplines":["170"],"service_content":"大气边界层垂直探测","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"大气边界层垂直探测：5000～12000元/项目","service_url":"https://u53002.edu.example/share/S000000210","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"许老师","office_phone":"0871-55507548","mobile":"13900007548","email":"contact7548@u53002.example.com"},"running_state":"awaiting_repair"}');
INSERT INTO "catalog_instrument" VALUES('53-sshsejltthsj','530000',1,'46014064723642ea41919130b3eaf1f2|YQ2021-0000003','53-u-y2ixuw7zgrhk','误码与光通信测试平台','040304','530400','CA',60380000,'50-200',NULL,NULL,NULL,NULL,'2021-05-10','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'91d415977cd28f53bab59d0f07b4d931ab4d3553faf61e20b934b438742b0e32',NULL,NULL,'{"id":"53-sshsejltthsj","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2021-0000003","name_zh":"误码与光通信测试平台","name_en":"Bit error rate and optical communication tester","department":"研发测试部","classification":{"scheme":"most-2006","code":"040304"},"source_classification":{"scheme":"most-2006","code":"040304"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":60380000,"origin_country":"CA","manufacturer":"爱斯福","commissioned_on":"2021-05-10","model":"FTBx-88460","technical_indicators":"速率 32 Gb/s；通道 4；抖动容限测试 支持，含压力眼图","functions":"用于光模块、高速串行链路误码率和抖动测试。","disciplines":["510"],"service_content":"光模块误码率测试","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"光模块误码率测试：400～1000元/样品","service_url":"https://u53003.com.example/share/YQ2021-0000003","customs":{"supervised":false},"location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"奚老师","office_phone":"0871-55507554","mobile":"13900007554","email":"contact7554@u53003.example.com"},"running_state":"normal"}',NULL,'{"id":"53-sshsejltthsj","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2021-0000003","name_zh":"误码与光通信测试平台","name_en":"Bit error rate and optical communication tester","department":"研发测试部","classification":{"scheme":"most-2006","code":"040304"},"source_classification":{"scheme":"most-2006","code":"040304"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":60380000,"origin_country":"CA","manufacturer":"爱斯福","commissioned_on":"2021-05-10","model":"FTBx-88460","technical_indicators":"速率 32 Gb/s；通道 4；抖动容限测试 支持，含压力眼图","functions":"用于光模块、高速串行链路误码率和抖动测试。","disciplines":["510"],"service_content":"光模块误码率测试","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","fee_text":"光模块误码率测试：400～1000元/样品","service_url":"https://u53003.com.example/share/YQ2021-0000003","customs":{"supervised":false},"location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"奚老师","office_phone":"0871-55507554","mobile":"13900007554","email":"contact7554@u53003.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-joykgq7l4vzp','530000',1,'46014064723642ea41919130b3eaf1f2|YQ2023-0000004','53-u-y2ixuw7zgrhk','超高效液相色谱仪','010502','530400','DE',66270000,'50-200',NULL,NULL,NULL,NULL,'2023-08-10','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'27e3deac5798db2facdc72e2642f3bd01fd857c03a03c0cb5aa13977b618ee11',NULL,NULL,'{"id":"53-joykgq7l4vzp","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2023-0000004","name_zh":"超高效液相色谱仪","name_en":"Ultra-high performance liquid chromatograph","department":"分析测试中心","classification":{"scheme":"most-2006","code":"010502"},"source_classification":{"scheme":"most-2006","code":"010502"},"acquisition_method":"other","equipment_type":"general","original_value_fen":66270000,"origin_country":"DE","manufacturer":"赛默飞世尔科技（格默林）","commissioned_on":"2023-08-10","model":"Vanquish Flex","technical_indicators":"最高压力 105 MPa；流速 0.01～2 mL/min；检测器 DAD+FLD","functions":"用于药物、食品、天然产物的分离与定量分析。","disciplines":["150","350","550"],"service_content":"有机物含量测定、中药有效成分测定","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"有机物含量测定：100～300元/样品；中药有效成分测定：150～400元/样品","service_url":"https://u53003.com.example/share/YQ2023-0000004","customs":{"supervised":false},"location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"章老师","office_phone":"0871-55507552","mobile":"13900007552","email":"contact7552@u53003.example.com"},"running_state":"normal"}',NULL,'{"id":"53-joykgq7l4vzp","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2023-0000004","name_zh":"超高效液相色谱仪","name_en":"Ultra-high performance liquid chromatograph","department":"分析测试中心","classification":{"scheme":"most-2006","code":"010502"},"source_classification":{"scheme":"most-2006","code":"010502"},"acquisition_method":"other","equipment_type":"general","original_value_fen":66270000,"origin_country":"DE","manufacturer":"赛默飞世尔科技（格默林）","commissioned_on":"2023-08-10","model":"Vanquish Flex","technical_indicators":"最高压力 105 MPa；流速 0.01～2 mL/min；检测器 DAD+FLD","functions":"用于药物、食品、天然产物的分离与定量分析。","disciplines":["150","350","550"],"service_content":"有机物含量测定、中药有效成分测定","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"有机物含量测定：100～300元/样品；中药有效成分测定：150～400元/样品","service_url":"https://u53003.com.example/share/YQ2023-0000004","customs":{"supervised":false},"location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"章老师","office_phone":"0871-55507552","mobile":"13900007552","email":"contact7552@u53003.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-24owx2447rbb','530000',1,'46014064723642ea41919130b3eaf1f2|YQ2023-0000005','53-u-y2ixuw7zgrhk','差示扫描量热仪','010902','530400','CN',103910000,'50-200',NULL,NULL,NULL,NULL,'2023-12-09','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'557b676b24b5c1f68588dd882cd53320c283c0b85577919c813d32e5bbb66601',NULL,NULL,'{"id":"53-24owx2447rbb","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2023-0000005","name_zh":"差示扫描量热仪","name_en":"Differential scanning calorimeter","department":"科研共享平台","classification":{"scheme":"most-2006","code":"010902"},"source_classification":{"scheme":"most-2006","code":"010902"},"acquisition_method":"self_developed","equipment_type":"general","original_value_fen":103910000,"origin_country":"CN","manufacturer":"大展仪器","commissioned_on":"2023-12-09","model":"DSC-600","technical_indicators":"温度范围 -180～725 ℃；量热灵敏度 0.1 μW；基线重复性 10 μW","functions":"用于玻璃化转变、熔融结晶、氧化诱导期和纯度测定。","disciplines":["430","530","350"],"service_content":"玻璃化转变温度测定、熔融和结晶温度及热焓测定","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"玻璃化转变温度测定：100～260元/样品；熔融和结晶温度及热焓测定：120～280元/样品","service_url":"https://u53003.com.example/share/YQ2023-0000005","customs":{"supervised":false},"image_url":"https://u53003.com.example/image/YQ2023-0000005.jpg","location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"赵老师","office_phone":"0871-55507553","mobile":"13900007553","email":"contact7553@u53003.example.com"},"running_state":"awaiting_repair"}',NULL,'{"id":"53-24owx2447rbb","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2023-0000005","name_zh":"差示扫描量热仪","name_en":"Differential scanning calorimeter","department":"科研共享平台","classification":{"scheme":"most-2006","code":"010902"},"source_classification":{"scheme":"most-2006","code":"010902"},"acquisition_method":"self_developed","equipment_type":"general","original_value_fen":103910000,"origin_country":"CN","manufacturer":"大展仪器","commissioned_on":"2023-12-09","model":"DSC-600","technical_indicators":"温度范围 -180～725 ℃；量热灵敏度 0.1 μW；基线重复性 10 μW","functions":"用于玻璃化转变、熔融结晶、氧化诱导期和纯度测定。","disciplines":["430","530","350"],"service_content":"玻璃化转变温度测定、熔融和结晶温度及热焓测定","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"玻璃化转变温度测定：100～260元/样品；熔融和结晶温度及热焓测定：120～280元/样品","service_url":"https://u53003.com.example/share/YQ2023-0000005","customs":{"supervised":false},"image_url":"https://u53003.com.example/image/YQ2023-0000005.jpg","location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"赵老师","office_phone":"0871-55507553","mobile":"13900007553","email":"contact7553@u53003.example.com"},"running_state":"awaiting_repair"}');
INSERT INTO "catalog_instrument" VALUES('53-tbrwed3smchz','530000',1,'21babfcb5fa2df16d12dd281ba157856|S000000625','53-u-ikx2j2x2mt7i','放电等离子烧结炉','120404','530600','CN',143910000,'50-200',NULL,NULL,NULL,NULL,'2025-03-17','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'503e1532813fedf424bb25f2865c508d55cc91129f6fcc8a39a1f8bab98961cb',NULL,NULL,'{"id":"53-tbrwed3smchz","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000000625","name_zh":"放电等离子烧结炉","name_en":"Spark plasma sintering furnace","carrier":{"kind":"facility","name":"综合极端条件实验装置"},"department":"中试基地","classification":{"scheme":"most-2006","code":"120404"},"source_classification":{"scheme":"most-2006","code":"120404"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":143910000,"origin_country":"CN","manufacturer":"苏州振吴","commissioned_on":"2025-03-17","model":"HP-100T","technical_indicators":"最高温度 2200 ℃；压力 250 kN；真空 5 Pa","functions":"用于陶瓷、金属、热电和复合材料快速烧结。","disciplines":["430","450"],"service_content":"粉末烧结成形","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"粉末烧结成形：600～1800元/次","service_url":"https://u53002.edu.example/share/S000000625","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"朱老师","office_phone":"0871-55507547","mobile":"13900007547","email":"contact7547@u53002.example.com"},"running_state":"normal"}',NULL,'{"id":"53-tbrwed3smchz","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000000625","name_zh":"放电等离子烧结炉","name_en":"Spark plasma sintering furnace","carrier":{"kind":"facility","name":"综合极端条件实验装置"},"department":"中试基地","classification":{"scheme":"most-2006","code":"120404"},"source_classification":{"scheme":"most-2006","code":"120404"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":143910000,"origin_country":"CN","manufacturer":"苏州振吴","commissioned_on":"2025-03-17","model":"HP-100T","technical_indicators":"最高温度 2200 ℃；压力 250 kN；真空 5 Pa","functions":"用于陶瓷、金属、热电和复合材料快速烧结。","disciplines":["430","450"],"service_content":"粉末烧结成形","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","fee_text":"粉末烧结成形：600～1800元/次","service_url":"https://u53002.edu.example/share/S000000625","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"朱老师","office_phone":"0871-55507547","mobile":"13900007547","email":"contact7547@u53002.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-6dyd3sbsdyoc','530000',1,'46014064723642ea41919130b3eaf1f2|YQ2008-0000007','53-u-y2ixuw7zgrhk','高速冷冻超速离心机','011023','530400','CN',98630000,'50-200',NULL,NULL,NULL,NULL,'2008-03-23','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'ee229a97be0f81981fac4e81b7b598da5a269b3ebbbb4bddef775c4f1b2b50f9',NULL,NULL,'{"id":"53-6dyd3sbsdyoc","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2008-0000007","name_zh":"高速冷冻超速离心机","name_en":"Ultracentrifuge","department":"技术研发部","classification":{"scheme":"most-2006","code":"011023"},"source_classification":{"scheme":"most-2006","code":"011023"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":98630000,"origin_country":"CN","manufacturer":"湘仪","commissioned_on":"2008-03-23","model":"CTK100C","technical_indicators":"最高转速 100000 rpm；最大离心力 700000 ×g；控温 0～40 ℃","functions":"用于亚细胞组分、病毒、外泌体和纳米颗粒分离。","disciplines":["180","350"],"service_content":"外泌体提取","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"外泌体提取：150～400元/次","service_url":"https://u53003.com.example/share/YQ2008-0000007","customs":{"supervised":false},"image_url":"https://u53003.com.example/image/YQ2008-0000007.jpg","location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"章老师","office_phone":"0871-55507552","mobile":"13900007552","email":"contact7552@u53003.example.com"},"running_state":"normal"}',NULL,'{"id":"53-6dyd3sbsdyoc","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2008-0000007","name_zh":"高速冷冻超速离心机","name_en":"Ultracentrifuge","department":"技术研发部","classification":{"scheme":"most-2006","code":"011023"},"source_classification":{"scheme":"most-2006","code":"011023"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":98630000,"origin_country":"CN","manufacturer":"湘仪","commissioned_on":"2008-03-23","model":"CTK100C","technical_indicators":"最高转速 100000 rpm；最大离心力 700000 ×g；控温 0～40 ℃","functions":"用于亚细胞组分、病毒、外泌体和纳米颗粒分离。","disciplines":["180","350"],"service_content":"外泌体提取","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"外泌体提取：150～400元/次","service_url":"https://u53003.com.example/share/YQ2008-0000007","customs":{"supervised":false},"image_url":"https://u53003.com.example/image/YQ2008-0000007.jpg","location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"章老师","office_phone":"0871-55507552","mobile":"13900007552","email":"contact7552@u53003.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-rlqayjvoquyb','530000',1,'46014064723642ea41919130b3eaf1f2|YQ2024-0000008','53-u-y2ixuw7zgrhk','小动物活体光学成像系统','090205','530400','DE',264420000,'200-500',NULL,NULL,NULL,NULL,'2024-02-03','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'95a75484721d2e00b0cbe1ab4897936d814c3cfcd2f7431faf80910810a17d6e',NULL,NULL,'{"id":"53-rlqayjvoquyb","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2024-0000008","name_zh":"小动物活体光学成像系统","name_en":"In vivo optical imaging system","department":"动物影像平台","classification":{"scheme":"most-2006","code":"090205"},"source_classification":{"scheme":"most-2006","code":"090205"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":264420000,"origin_country":"DE","manufacturer":"伯赫尔德","commissioned_on":"2024-02-03","model":"NightOWL II","technical_indicators":"检测器温度 -80 ℃；成像通量 10 只；光声与超声","functions":"用于肿瘤、感染和基因表达的无创动态成像。","disciplines":["310","350","180"],"service_content":"活体荧光成像","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"活体荧光成像：150～400元/机时","service_url":"https://u53003.com.example/share/YQ2024-0000008","customs":{"supervised":false},"location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"赵老师","office_phone":"0871-55507553","mobile":"13900007553","email":"contact7553@u53003.example.com"},"running_state":"normal"}',NULL,'{"id":"53-rlqayjvoquyb","province":"530000","unit":{"id":"46014064723642ea41919130b3eaf1f2","name":"玉溪楚原生物医药有限公司"},"internal_number":"YQ2024-0000008","name_zh":"小动物活体光学成像系统","name_en":"In vivo optical imaging system","department":"动物影像平台","classification":{"scheme":"most-2006","code":"090205"},"source_classification":{"scheme":"most-2006","code":"090205"},"acquisition_method":"purchased","equipment_type":"special","original_value_fen":264420000,"origin_country":"DE","manufacturer":"伯赫尔德","commissioned_on":"2024-02-03","model":"NightOWL II","technical_indicators":"检测器温度 -80 ℃；成像通量 10 只；光声与超声","functions":"用于肿瘤、感染和基因表达的无创动态成像。","disciplines":["310","350","180"],"service_content":"活体荧光成像","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"活体荧光成像：150～400元/机时","service_url":"https://u53003.com.example/share/YQ2024-0000008","customs":{"supervised":false},"location":{"province":"530000","city":"530400","county":"530402","address":"云南省玉溪市红塔区科技路388号","postcode":"650432"},"contact":{"name":"赵老师","office_phone":"0871-55507553","mobile":"13900007553","email":"contact7553@u53003.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-rrfsuo6qzqsn','530000',1,'2416ba2801957326b513332a968b1e5d|S000000915','53-u-ou75isutfjou','高速冷冻超速离心机','011023','530300','US',73660000,'50-200',NULL,NULL,NULL,NULL,'2015-11-23','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'4abea9ae750b9595400b3cfd151426a63c7ac1db55a87424a7f4a038aa6b057f',NULL,NULL,'{"id":"53-rrfsuo6qzqsn","province":"530000","unit":{"id":"2416ba2801957326b513332a968b1e5d","name":"曲靖新源农业科学研究院"},"internal_number":"S000000915","name_zh":"高速冷冻超速离心机","name_en":"Ultracentrifuge","department":"公共实验平台","classification":{"scheme":"most-2006","code":"011023"},"source_classification":{"scheme":"most-2006","code":"011023"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":73660000,"origin_country":"US","manufacturer":"贝克曼库尔特","commissioned_on":"2015-11-23","model":"Optima MAX-XP","technical_indicators":"最高转速 150000 rpm；最大离心力 802400 ×g；控温 0～40 ℃","functions":"用于亚细胞组分、病毒、外泌体和纳米颗粒分离。","disciplines":["180","350"],"service_content":"外泌体提取","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"外泌体提取：150～400元/次","service_url":"https://u53001.org.example/share/S000000915","customs":{"supervised":false},"location":{"province":"530000","city":"530300","county":"530302","address":"云南省曲靖市麒麟区创新大道332号","postcode":"650334"},"contact":{"name":"奚老师","office_phone":"0871-55507544","mobile":"13900007544","email":"contact7544@u53001.example.com"},"running_state":"normal"}',NULL,'{"id":"53-rrfsuo6qzqsn","province":"530000","unit":{"id":"2416ba2801957326b513332a968b1e5d","name":"曲靖新源农业科学研究院"},"internal_number":"S000000915","name_zh":"高速冷冻超速离心机","name_en":"Ultracentrifuge","department":"公共实验平台","classification":{"scheme":"most-2006","code":"011023"},"source_classification":{"scheme":"most-2006","code":"011023"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":73660000,"origin_country":"US","manufacturer":"贝克曼库尔特","commissioned_on":"2015-11-23","model":"Optima MAX-XP","technical_indicators":"最高转速 150000 rpm；最大离心力 802400 ×g；控温 0～40 ℃","functions":"用于亚细胞组分、病毒、外泌体和纳米颗粒分离。","disciplines":["180","350"],"service_content":"外泌体提取","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"外泌体提取：150～400元/次","service_url":"https://u53001.org.example/share/S000000915","customs":{"supervised":false},"location":{"province":"530000","city":"530300","county":"530302","address":"云南省曲靖市麒麟区创新大道332号","postcode":"650334"},"contact":{"name":"奚老师","office_phone":"0871-55507544","mobile":"13900007544","email":"contact7544@u53001.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-wcarb2ks7rzl','530000',1,'21babfcb5fa2df16d12dd281ba157856|S000001019','53-u-ikx2j2x2mt7i','微机控制电子万能试验机','020101','530600','GB',64450000,'50-200',NULL,NULL,NULL,NULL,'2019-05-20','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'e759cd6a452613a5cba53d79967e765b11c455453942483c56f955b4be29ba0c',NULL,NULL,'{"id":"53-wcarb2ks7rzl","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000001019","name_zh":"微机控制电子万能试验机","name_en":"Electromechanical universal testing machine","department":"化学化工学院","classification":{"scheme":"most-2006","code":"020101"},"source_classification":{"scheme":"most-2006","code":"020101"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":64450000,"origin_country":"GB","manufacturer":"劳埃德","commissioned_on":"2019-05-20","model":"LR100K Plus","technical_indicators":"最大试验力 50 kN；准确度 0.5 级；速度 0.001～500 mm/min；配高低温环境箱 -70～350 ℃","functions":"用于金属、塑料、复合材料拉伸、压缩、弯曲和剪切试验。","disciplines":["430","460"],"service_content":"金属室温拉伸试验、塑料拉伸性能测定、金属高温拉伸试验、金属压缩试验","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"金属室温拉伸试验：100～300元/样品；塑料拉伸性能测定：200～500元/项目；金属高温拉伸试验：300～900元/样品；金属压缩试验：100～260元/样品","service_url":"https://u53002.edu.example/share/S000001019","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"钱老师","office_phone":"0871-55507549","mobile":"13900007549","email":"contact7549@u53002.example.com"},"running_state":"normal"}',NULL,'{"id":"53-wcarb2ks7rzl","province":"530000","unit":{"id":"21babfcb5fa2df16d12dd281ba157856","name":"昭通致新职业技术大学"},"internal_number":"S000001019","name_zh":"微机控制电子万能试验机","name_en":"Electromechanical universal testing machine","department":"化学化工学院","classification":{"scheme":"most-2006","code":"020101"},"source_classification":{"scheme":"most-2006","code":"020101"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":64450000,"origin_country":"GB","manufacturer":"劳埃德","commissioned_on":"2019-05-20","model":"LR100K Plus","technical_indicators":"最大试验力 50 kN；准确度 0.5 级；速度 0.001～500 mm/min；配高低温环境箱 -70～350 ℃","functions":"用于金属、塑料、复合材料拉伸、压缩、弯曲和剪切试验。","disciplines":["430","460"],"service_content":"金属室温拉伸试验、塑料拉伸性能测定、金属高温拉伸试验、金属压缩试验","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","fee_text":"金属室温拉伸试验：100～300元/样品；塑料拉伸性能测定：200～500元/项目；金属高温拉伸试验：300～900元/样品；金属压缩试验：100～260元/样品","service_url":"https://u53002.edu.example/share/S000001019","customs":{"supervised":false},"location":{"province":"530000","city":"530600","address":"云南省昭通市学府路36号","postcode":"650625"},"contact":{"name":"钱老师","office_phone":"0871-55507549","mobile":"13900007549","email":"contact7549@u53002.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('53-lldxebb2eagq','530000',1,'2416ba2801957326b513332a968b1e5d|S000001125','53-u-ou75isutfjou','超高效液相色谱仪','010502','530300','US',69710000,'50-200',NULL,NULL,NULL,NULL,'2025-06-23','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',NULL,'7206063a46becb7a441caea68c3d0058c564bf1160ca9815acfe7001a2030ccf',NULL,NULL,'{"id":"53-lldxebb2eagq","province":"530000","unit":{"id":"2416ba2801957326b513332a968b1e5d","name":"曲靖新源农业科学研究院"},"internal_number":"S000001125","name_zh":"超高效液相色谱仪","name_en":"Ultra-high performance liquid chromatograph","carrier":{"kind":"facility","name":"综合极端条件实验装置"},"department":"公共实验平台","classification":{"scheme":"most-2006","code":"010502"},"source_classification":{"scheme":"most-2006","code":"010502"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":69710000,"origin_country":"US","manufacturer":"安捷伦科技","commissioned_on":"2025-06-23","model":"1260 Infinity","technical_indicators":"最高压力 150 MPa；流速 0.001～5 mL/min；检测器 PDA","functions":"用于药物、食品、天然产物的分离与定量分析。","disciplines":["150","350","550"],"service_content":"有机物含量测定、中药有效成分测定","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"有机物含量测定：100～300元/样品；中药有效成分测定：150～400元/样品","service_url":"https://u53001.org.example/share/S000001125","customs":{"supervised":false},"location":{"province":"530000","city":"530300","county":"530302","address":"云南省曲靖市麒麟区创新大道332号","postcode":"650334"},"contact":{"name":"奚老师","office_phone":"0871-55507544","mobile":"13900007544","email":"contact7544@u53001.example.com"},"running_state":"normal"}',NULL,'{"id":"53-lldxebb2eagq","province":"530000","unit":{"id":"2416ba2801957326b513332a968b1e5d","name":"曲靖新源农业科学研究院"},"internal_number":"S000001125","name_zh":"超高效液相色谱仪","name_en":"Ultra-high performance liquid chromatograph","carrier":{"kind":"facility","name":"综合极端条件实验装置"},"department":"公共实验平台","classification":{"scheme":"most-2006","code":"010502"},"source_classification":{"scheme":"most-2006","code":"010502"},"acquisition_method":"purchased","equipment_type":"general","original_value_fen":69710000,"origin_country":"US","manufacturer":"安捷伦科技","commissioned_on":"2025-06-23","model":"1260 Infinity","technical_indicators":"最高压力 150 MPa；流速 0.001～5 mL/min；检测器 PDA","functions":"用于药物、食品、天然产物的分离与定量分析。","disciplines":["150","350","550"],"service_content":"有机物含量测定、中药有效成分测定","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","fee_text":"有机物含量测定：100～300元/样品；中药有效成分测定：150～400元/样品","service_url":"https://u53001.org.example/share/S000001125","customs":{"supervised":false},"location":{"province":"530000","city":"530300","county":"530302","address":"云南省曲靖市麒麟区创新大道332号","postcode":"650334"},"contact":{"name":"奚老师","office_phone":"0871-55507544","mobile":"13900007544","email":"contact7544@u53001.example.com"},"running_state":"normal"}');
INSERT INTO "catalog_instrument" VALUES('33-fukmtizyu6fq','330000',1,'91330502MA001QHD8R|S000000023','33-u-nppaiov3ahbd','全自动生化免疫分析流水线','090199','330500','JP',291890000,'200-500','own','internal',2694.0,0.0,'2023-01-28','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'d57a1da6b71e058e3f34c31a3bedf148e4bd4c531fb5adb0d6db5beaaf1308e7',NULL,NULL,'{"id":"33-fukmtizyu6fq","province":"330000","unit":{"id":"91330502MA001QHD8R","name":"湖州鹿鸣环境工程有限公司"},"internal_number":"S000000023","name_zh":"全自动生化免疫分析流水线","name_en":"Automated clinical chemistry and immunoassay line","classification":{"scheme":"most-2006","code":"090199"},"source_classification":{"scheme":"most-2006","code":"090199"},"manufacturer":"日立高新技术","model":"LABOSPECT 008","origin_country":"JP","acquisition_method":"purchased","original_value_fen":291890000,"commissioned_on":"2023-01-28","running_state":"normal","technical_indicators":"测试速度 2000 测试/小时；项目 70 项","functions":"用于血清生化、免疫标志物批量检测。","service_content":"血清生化全项","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["320","310"],"location":{"province":"330000","city":"330500","county":"330502","address":"望江路633号"},"contact":{"name":"何老师","mobile":"13900000928","email":"contact0928@u33002.example.com"},"image_url":"https://u33002.com.example/image/S000000023.jpg","customs":{"supervised":false},"funding_source":"own","sharing_mode":"internal","annual":{"year":2025,"effective_hours":2694,"external_hours":0}}','{"id":"33-fukmtizyu6fq","province":"330000","unit":{"id":"91330502MA001QHD8R"},"internal_number":"S000000023","year":2025,"funding_source":"own","sharing_mode":"internal","annual":{"year":2025,"effective_hours":2694,"external_hours":0}}','{"id":"33-fukmtizyu6fq","province":"330000","unit":{"id":"91330502MA001QHD8R","name":"湖州鹿鸣环境工程有限公司"},"internal_number":"S000000023","name_zh":"全自动生化免疫分析流水线","name_en":"Automated clinical chemistry and immunoassay line","classification":{"scheme":"most-2006","code":"090199"},"source_classification":{"scheme":"most-2006","code":"090199"},"manufacturer":"日立高新技术","model":"LABOSPECT 008","origin_country":"JP","acquisition_method":"purchased","original_value_fen":291890000,"commissioned_on":"2023-01-28","running_state":"normal","technical_indicators":"测试速度 2000 测试/小时；项目 70 项","functions":"用于血清生化、免疫标志物批量检测。","service_content":"血清生化全项","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["320","310"],"location":{"province":"330000","city":"330500","county":"330502","address":"望江路633号"},"contact":{"name":"何老师","mobile":"13900000928","email":"contact0928@u33002.example.com"},"image_url":"https://u33002.com.example/image/S000000023.jpg","customs":{"supervised":false}}');
INSERT INTO "catalog_instrument" VALUES('33-fuk3wvhqbeyx','330000',1,'123302824500232269|S000000122','33-u-ivimm2fe4vso','大规模科学数据存储系统','130201','330200','US',50680000,'50-200','local_fiscal','external',1222.0,77.0,'2022-11-18','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'5e5b5d1082ae90233b503a7e64a6355204f8b326c8794a9a8287954986720322','91b64b80f759fbd4dadd0b8c1388322e69b2806ccdaf4343e0296b036c55c121',NULL,'{"id":"33-fuk3wvhqbeyx","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000122","name_zh":"大规模科学数据存储系统","name_en":"Scientific data storage system","classification":{"scheme":"most-2006","code":"130201"},"source_classification":{"scheme":"most-2006","code":"130201"},"manufacturer":"数据直连","model":"ES400NVX","origin_country":"US","acquisition_method":"purchased","original_value_fen":50680000,"commissioned_on":"2022-11-18","running_state":"normal","technical_indicators":"容量 2 PB；带宽 10 GB/s","functions":"用于测序、冷冻电镜、遥感等海量数据存储。","service_content":"数据存储服务","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","disciplines":["520"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"郑老师","office_phone":"0571-55500933","email":"contact0933@u33003.example.com"},"funding_source":"local_fiscal","sharing_mode":"external","service_modes":["machine_time"],"annual":{"year":2025,"effective_hours":1222,"external_hours":77}}','{"id":"33-fuk3wvhqbeyx","province":"330000","unit":{"id":"123302824500232269"},"internal_number":"S000000122","year":2025,"funding_source":"local_fiscal","sharing_mode":"external","service_modes":["machine_time"],"annual":{"year":2025,"effective_hours":1222,"external_hours":77},"service_items":[{"number":1,"name":"数据存储服务","method":"并行文件系统","condition":"每 TB 每月","standards":["GB/T 37722-2019"],"charging_unit":"item","fee_fen":7000,"turnaround_days":1,"cma":false,"cnas":false,"service_mode":"machine_time"}]}','{"id":"33-fuk3wvhqbeyx","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000122","name_zh":"大规模科学数据存储系统","name_en":"Scientific data storage system","classification":{"scheme":"most-2006","code":"130201"},"source_classification":{"scheme":"most-2006","code":"130201"},"manufacturer":"数据直连","model":"ES400NVX","origin_country":"US","acquisition_method":"purchased","original_value_fen":50680000,"commissioned_on":"2022-11-18","running_state":"normal","technical_indicators":"容量 2 PB；带宽 10 GB/s","functions":"用于测序、冷冻电镜、遥感等海量数据存储。","service_content":"数据存储服务","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","disciplines":["520"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"郑老师","office_phone":"0571-55500933","email":"contact0933@u33003.example.com"}}');
INSERT INTO "catalog_instrument" VALUES('33-4ihe7nnzlcqe','330000',1,'123302824500232269|S000000217','33-u-ivimm2fe4vso','双频激光干涉仪','030122','330200','US',60710000,'50-200','central_fiscal','external',3070.0,19.0,'2017-02-28','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'4c7278f825f1f8a10e9fde1d8845fa417880b937ebef19d112fe7342b91b7ea5','99bb1f2746195b455e9dcd67638f4c414e271414589b3427a837faba19547e30',NULL,'{"id":"33-4ihe7nnzlcqe","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000217","name_zh":"双频激光干涉仪","name_en":"Dual-frequency laser interferometer","classification":{"scheme":"most-2006","code":"030122"},"source_classification":{"scheme":"most-2006","code":"030122"},"manufacturer":"是德科技","model":"5530","origin_country":"US","acquisition_method":"purchased","original_value_fen":60710000,"commissioned_on":"2017-02-28","running_state":"normal","technical_indicators":"线性精度 ±0.5 ppm；分辨率 1 nm；测量距离 40 m","functions":"用于机床、测长机定位精度检测和长度量值传递。","service_content":"数控机床定位精度检测","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["460"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"窦老师","mobile":"13900000934","email":"contact0934@u33003.example.com"},"image_url":"https://u33003.edu.example/image/S000000217.jpg","funding_source":"central_fiscal","sharing_mode":"external","service_modes":["entrusted_test"],"annual":{"year":2025,"effective_hours":3070,"external_hours":19}}','{"id":"33-4ihe7nnzlcqe","province":"330000","unit":{"id":"123302824500232269"},"internal_number":"S000000217","year":2025,"funding_source":"central_fiscal","sharing_mode":"external","service_modes":["entrusted_test"],"annual":{"year":2025,"effective_hours":3070,"external_hours":19},"service_items":[{"number":1,"name":"数控机床定位精度检测","method":"激光干涉法","condition":"每轴","standards":["GB/T 17421.2-2016"],"charging_unit":"item","fee_fen":210000,"turnaround_days":3,"cma":false,"cnas":false,"service_mode":"entrusted_test"}]}','{"id":"33-4ihe7nnzlcqe","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000217","name_zh":"双频激光干涉仪","name_en":"Dual-frequency laser interferometer","classification":{"scheme":"most-2006","code":"030122"},"source_classification":{"scheme":"most-2006","code":"030122"},"manufacturer":"是德科技","model":"5530","origin_country":"US","acquisition_method":"purchased","original_value_fen":60710000,"commissioned_on":"2017-02-28","running_state":"normal","technical_indicators":"线性精度 ±0.5 ppm；分辨率 1 nm；测量距离 40 m","functions":"用于机床、测长机定位精度检测和长度量值传递。","service_content":"数控机床定位精度检测","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["460"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"窦老师","mobile":"13900000934","email":"contact0934@u33003.example.com"},"image_url":"https://u33003.edu.example/image/S000000217.jpg"}');
INSERT INTO "catalog_instrument" VALUES('33-3gmb2ut2mjtc','330000',1,'12330302430001775Y|S000000314','33-u-fjggqu24vig2','教学与科研综合实验平台','990000','330300','CN',130430000,'50-200','local_fiscal','external',3395.0,414.0,'2014-10-21','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'6a8da9547f704766b3a4cb69fd9572654174acfde42193b42e755ec298251030','2a86a792c9a02a0c46a7e216e4fca763c04d7919d045bc3e218b29eff3de2911',NULL,'{"id":"33-3gmb2ut2mjtc","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000000314","name_zh":"教学与科研综合实验平台","name_en":"Integrated teaching and research platform","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"manufacturer":"大疆","model":"M300 RTK-L1","origin_country":"CN","acquisition_method":"purchased","original_value_fen":130430000,"commissioned_on":"2014-10-21","running_state":"normal","technical_indicators":"自由度 6；负载 25 kg；重复定位 ±0.1 mm","functions":"用于智能制造、人机协作和无人系统研究与教学。","service_content":"机器人性能测试","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","disciplines":["413"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"苏老师","office_phone":"0571-55500925","email":"contact0925@u33001.example.com"},"image_url":"https://u33001.org.example/image/S000000314.jpg","customs":{"supervised":false},"funding_source":"local_fiscal","sharing_mode":"external","service_modes":["entrusted_test"],"annual":{"year":2025,"effective_hours":3395,"external_hours":414}}','{"id":"33-3gmb2ut2mjtc","province":"330000","unit":{"id":"12330302430001775Y"},"internal_number":"S000000314","year":2025,"funding_source":"local_fiscal","sharing_mode":"external","service_modes":["entrusted_test"],"annual":{"year":2025,"effective_hours":3395,"external_hours":414},"service_items":[{"number":1,"name":"机器人性能测试","method":"激光跟踪法","condition":"单机","standards":["GB/T 12642-2013"],"charging_unit":"item","fee_fen":550000,"turnaround_days":11,"cma":true,"cnas":true,"service_mode":"entrusted_test"}]}','{"id":"33-3gmb2ut2mjtc","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000000314","name_zh":"教学与科研综合实验平台","name_en":"Integrated teaching and research platform","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"manufacturer":"大疆","model":"M300 RTK-L1","origin_country":"CN","acquisition_method":"purchased","original_value_fen":130430000,"commissioned_on":"2014-10-21","running_state":"normal","technical_indicators":"自由度 6；负载 25 kg；重复定位 ±0.1 mm","functions":"用于智能制造、人机协作和无人系统研究与教学。","service_content":"机器人性能测试","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","disciplines":["413"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"苏老师","office_phone":"0571-55500925","email":"contact0925@u33001.example.com"},"image_url":"https://u33001.org.example/image/S000000314.jpg","customs":{"supervised":false}}');
INSERT INTO "catalog_instrument" VALUES('33-jps4z4sicijx','330000',1,'123302824500232269|S000000417','33-u-ivimm2fe4vso','X射线衍射仪','010301','330200','CN',90420000,'50-200','central_fiscal','external',496.0,145.0,'2017-11-02','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'cf519d3a1beb1b86ebf12304bb31f8c1df7583250db16ca932b95a625b2739fa','311e6ead6f13e1545b21c96f76d62e93810fd6118e9d219b40538951a12a270a',NULL,'{"id":"33-jps4z4sicijx","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000417","name_zh":"X射线衍射仪","name_en":"X-ray diffractometer","classification":{"scheme":"most-2006","code":"010301"},"source_classification":{"scheme":"most-2006","code":"010301"},"manufacturer":"普析通用","model":"XD-6","origin_country":"CN","acquisition_method":"purchased","original_value_fen":90420000,"commissioned_on":"2017-11-02","running_state":"awaiting_repair","technical_indicators":"最大功率 18 kW；测角仪精度 0.0001°；2θ 范围 -10～168°；一维阵列探测器","functions":"用于物相定性定量分析、晶粒尺寸、残余应力和薄膜结构测定。","service_content":"物相定性分析、残余应力测定、晶粒尺寸及微观应变测定、衍射仪上机","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","disciplines":["430"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"杨老师","mobile":"13900000931","email":"contact0931@u33003.example.com"},"image_url":"https://u33003.edu.example/image/S000000417.jpg","customs":{"supervised":false},"funding_source":"central_fiscal","sharing_mode":"external","service_modes":["entrusted_test"],"annual":{"year":2025,"effective_hours":496,"external_hours":145}}','{"id":"33-jps4z4sicijx","province":"330000","unit":{"id":"123302824500232269"},"internal_number":"S000000417","year":2025,"funding_source":"central_fiscal","sharing_mode":"external","service_modes":["entrusted_test"],"annual":{"year":2025,"effective_hours":496,"external_hours":145},"service_items":[{"number":1,"name":"残余应力测定","method":"X射线衍射法","condition":"单点单方向","standards":["GB/T 7704-2017"],"charging_unit":"item","fee_fen":43000,"turnaround_days":5,"cma":false,"cnas":false,"service_mode":"entrusted_test"}]}','{"id":"33-jps4z4sicijx","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000417","name_zh":"X射线衍射仪","name_en":"X-ray diffractometer","classification":{"scheme":"most-2006","code":"010301"},"source_classification":{"scheme":"most-2006","code":"010301"},"manufacturer":"普析通用","model":"XD-6","origin_country":"CN","acquisition_method":"purchased","original_value_fen":90420000,"commissioned_on":"2017-11-02","running_state":"awaiting_repair","technical_indicators":"最大功率 18 kW；测角仪精度 0.0001°；2θ 范围 -10～168°；一维阵列探测器","functions":"用于物相定性定量分析、晶粒尺寸、残余应力和薄膜结构测定。","service_content":"物相定性分析、残余应力测定、晶粒尺寸及微观应变测定、衍射仪上机","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","disciplines":["430"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"杨老师","mobile":"13900000931","email":"contact0931@u33003.example.com"},"image_url":"https://u33003.edu.example/image/S000000417.jpg","customs":{"supervised":false}}');
INSERT INTO "catalog_instrument" VALUES('33-eapwajk7e6m7','330000',1,'123302824500232269|S000000519','33-u-ivimm2fe4vso','教学与科研综合实验平台','990000','330200','JP',71830000,'50-200','central_fiscal','internal',729.0,0.0,'2019-05-17','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'6b4e219cd47f3c0620e47755761837481a6530c295bec289b38c09fcb3948ac2',NULL,NULL,'{"id":"33-eapwajk7e6m7","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000519","name_zh":"教学与科研综合实验平台","name_en":"Integrated teaching and research platform","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"manufacturer":"安川","model":"MOTOMAN GP225","origin_country":"JP","acquisition_method":"purchased","original_value_fen":71830000,"commissioned_on":"2019-05-17","running_state":"normal","technical_indicators":"自由度 7；负载 210 kg；重复定位 ±0.1 mm","functions":"用于智能制造、人机协作和无人系统研究与教学。","service_content":"机器人性能测试","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","disciplines":["413"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"杨老师","office_phone":"0571-55500931","email":"contact0931@u33003.example.com"},"customs":{"supervised":false},"funding_source":"central_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":729,"external_hours":0}}','{"id":"33-eapwajk7e6m7","province":"330000","unit":{"id":"123302824500232269"},"internal_number":"S000000519","year":2025,"funding_source":"central_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":729,"external_hours":0}}','{"id":"33-eapwajk7e6m7","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000519","name_zh":"教学与科研综合实验平台","name_en":"Integrated teaching and research platform","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"manufacturer":"安川","model":"MOTOMAN GP225","origin_country":"JP","acquisition_method":"purchased","original_value_fen":71830000,"commissioned_on":"2019-05-17","running_state":"normal","technical_indicators":"自由度 7；负载 210 kg；重复定位 ±0.1 mm","functions":"用于智能制造、人机协作和无人系统研究与教学。","service_content":"机器人性能测试","user_notice":"首次上机须参加培训并取得上机证；送样检测请填写委托单。","disciplines":["413"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"杨老师","office_phone":"0571-55500931","email":"contact0931@u33003.example.com"},"customs":{"supervised":false}}');
INSERT INTO "catalog_instrument" VALUES('33-l6izvhtukz4b','330000',1,'12330302430001775Y|S000000625','33-u-fjggqu24vig2','大型光学平台与隔振装置','990000','330300','CN',104890000,'50-200','other','external',104.0,9.0,'2025-06-23','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'bf5ee3ea72523b75c3f224ffcaa38c846292fe0d97047987f312a0f7863cdafe','9a72b39d70fa0c57bd26b6752a6ced8e90675d40de6de61d225bed3bdc29207b',NULL,'{"id":"33-l6izvhtukz4b","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000000625","name_zh":"大型光学平台与隔振装置","name_en":"Optical platform and vibration isolation","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"manufacturer":"连胜","model":"ZDT-P50","origin_country":"CN","acquisition_method":"purchased","original_value_fen":104890000,"commissioned_on":"2025-06-23","running_state":"normal","technical_indicators":"台面 2×5 m；固有频率 0.7 Hz；温控 ±0.1 ℃","functions":"用于精密光学、量子与计量实验的环境保障。","service_content":"精密实验环境使用","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["140"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"喻老师","office_phone":"0571-55500923","email":"contact0923@u33001.example.com"},"image_url":"https://u33001.org.example/image/S000000625.jpg","customs":{"supervised":false},"funding_source":"other","sharing_mode":"external","service_modes":["machine_time"],"annual":{"year":2025,"effective_hours":104,"external_hours":9}}','{"id":"33-l6izvhtukz4b","province":"330000","unit":{"id":"12330302430001775Y"},"internal_number":"S000000625","year":2025,"funding_source":"other","sharing_mode":"external","service_modes":["machine_time"],"annual":{"year":2025,"effective_hours":104,"external_hours":9},"service_items":[{"number":1,"name":"精密实验环境使用","method":"恒温隔振","condition":"每天","standards":["GB/T 25915.1-2021"],"charging_unit":"day","fee_fen":87000,"turnaround_days":2,"cma":false,"cnas":false,"service_mode":"machine_time"}]}','{"id":"33-l6izvhtukz4b","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000000625","name_zh":"大型光学平台与隔振装置","name_en":"Optical platform and vibration isolation","classification":{"scheme":"most-2006","code":"990000"},"source_classification":{"scheme":"most-2006","code":"990000"},"manufacturer":"连胜","model":"ZDT-P50","origin_country":"CN","acquisition_method":"purchased","original_value_fen":104890000,"commissioned_on":"2025-06-23","running_state":"normal","technical_indicators":"台面 2×5 m；固有频率 0.7 Hz；温控 ±0.1 ℃","functions":"用于精密光学、量子与计量实验的环境保障。","service_content":"精密实验环境使用","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["140"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"喻老师","office_phone":"0571-55500923","email":"contact0923@u33001.example.com"},"image_url":"https://u33001.org.example/image/S000000625.jpg","customs":{"supervised":false}}');
INSERT INTO "catalog_instrument" VALUES('33-h26l2lhtyfc6','330000',1,'123302824500232269|S000000722','33-u-ivimm2fe4vso','超高效液相色谱仪','010502','330200','JP',59350000,'50-200','local_fiscal','internal',285.0,0.0,'2022-09-23','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'a93f32e9de596965bc6cff6245f59177633350cac15f7cf6d5fc8bcf29d5ee9c',NULL,NULL,'{"id":"33-h26l2lhtyfc6","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000722","name_zh":"超高效液相色谱仪","name_en":"Ultra-high performance liquid chromatograph","classification":{"scheme":"most-2006","code":"010502"},"source_classification":{"scheme":"most-2006","code":"010502"},"manufacturer":"日立高新技术","model":"Chromaster","origin_country":"JP","acquisition_method":"purchased","original_value_fen":59350000,"commissioned_on":"2022-09-23","running_state":"awaiting_repair","technical_indicators":"最高压力 130 MPa；流速 0.01～2 mL/min；检测器 DAD+FLD","functions":"用于药物、食品、天然产物的分离与定量分析。","service_content":"有机物含量测定、中药有效成分测定","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","disciplines":["150","350"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"郑老师","office_phone":"0571-55500933","email":"contact0933@u33003.example.com"},"funding_source":"local_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":285,"external_hours":0}}','{"id":"33-h26l2lhtyfc6","province":"330000","unit":{"id":"123302824500232269"},"internal_number":"S000000722","year":2025,"funding_source":"local_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":285,"external_hours":0}}','{"id":"33-h26l2lhtyfc6","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000722","name_zh":"超高效液相色谱仪","name_en":"Ultra-high performance liquid chromatograph","classification":{"scheme":"most-2006","code":"010502"},"source_classification":{"scheme":"most-2006","code":"010502"},"manufacturer":"日立高新技术","model":"Chromaster","origin_country":"JP","acquisition_method":"purchased","original_value_fen":59350000,"commissioned_on":"2022-09-23","running_state":"awaiting_repair","technical_indicators":"最高压力 130 MPa；流速 0.01～2 mL/min；检测器 DAD+FLD","functions":"用于药物、食品、天然产物的分离与定量分析。","service_content":"有机物含量测定、中药有效成分测定","user_notice":"预约成功后如需取消，请至少提前 24 小时通知机组。","disciplines":["150","350"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"郑老师","office_phone":"0571-55500933","email":"contact0933@u33003.example.com"}}');
INSERT INTO "catalog_instrument" VALUES('33-ynhevpqqrbsr','330000',1,'12330302430001775Y|S000000812','33-u-fjggqu24vig2','半导体参数分析仪','040107','330300','JP',91710000,'50-200','other','internal',381.0,0.0,'2012-09-28','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'de85e62b4d9c8beec73616521c3390aad329e76a8b84ebb69a8b498cb80883e6',NULL,NULL,'{"id":"33-ynhevpqqrbsr","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000000812","name_zh":"半导体参数分析仪","name_en":"Semiconductor parameter analyser","classification":{"scheme":"most-2006","code":"040107"},"source_classification":{"scheme":"most-2006","code":"040107"},"manufacturer":"岩崎通信","model":"CS-5400","origin_country":"JP","acquisition_method":"purchased","original_value_fen":91710000,"commissioned_on":"2012-09-28","running_state":"normal","technical_indicators":"电流分辨率 10 fA；电压 ±200 V；含电容电压模块","functions":"用于半导体器件直流、电容和脉冲特性测试。","service_content":"器件直流特性测试、低温电学测试","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","disciplines":["510","430"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"苏老师","office_phone":"0571-55500925","email":"contact0925@u33001.example.com"},"funding_source":"other","sharing_mode":"internal","annual":{"year":2025,"effective_hours":381,"external_hours":0}}','{"id":"33-ynhevpqqrbsr","province":"330000","unit":{"id":"12330302430001775Y"},"internal_number":"S000000812","year":2025,"funding_source":"other","sharing_mode":"internal","annual":{"year":2025,"effective_hours":381,"external_hours":0}}','{"id":"33-ynhevpqqrbsr","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000000812","name_zh":"半导体参数分析仪","name_en":"Semiconductor parameter analyser","classification":{"scheme":"most-2006","code":"040107"},"source_classification":{"scheme":"most-2006","code":"040107"},"manufacturer":"岩崎通信","model":"CS-5400","origin_country":"JP","acquisition_method":"purchased","original_value_fen":91710000,"commissioned_on":"2012-09-28","running_state":"normal","technical_indicators":"电流分辨率 10 fA；电压 ±200 V；含电容电压模块","functions":"用于半导体器件直流、电容和脉冲特性测试。","service_content":"器件直流特性测试、低温电学测试","user_notice":"本仪器面向校内外开放，校外用户凭单位介绍信办理；结果不作司法鉴定用途。","disciplines":["510","430"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"苏老师","office_phone":"0571-55500925","email":"contact0925@u33001.example.com"}}');
INSERT INTO "catalog_instrument" VALUES('33-wigyll734fzs','330000',1,'123302824500232269|S000000910','33-u-ivimm2fe4vso','实时荧光定量PCR仪','011011','330200','US',81010000,'50-200','central_fiscal','internal',2886.0,0.0,'2010-11-08','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'7475df85f6aaaeec40cb43fb820285fc832838defe4afd0caa2140238e4cc98a',NULL,NULL,'{"id":"33-wigyll734fzs","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000910","name_zh":"实时荧光定量PCR仪","name_en":"Real-time quantitative PCR system","classification":{"scheme":"most-2006","code":"011011"},"source_classification":{"scheme":"most-2006","code":"011011"},"manufacturer":"伯乐","model":"QX200","origin_country":"US","acquisition_method":"purchased","original_value_fen":81010000,"commissioned_on":"2010-11-08","running_state":"normal","technical_indicators":"通量 96 孔；通道 5 色；温度均匀性 ±0.4 ℃","functions":"用于基因表达定量、病原检测和拷贝数分析。","service_content":"基因表达定量、转基因成分检测","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["180"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"窦老师","office_phone":"0571-55500934","email":"contact0934@u33003.example.com"},"funding_source":"central_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":2886,"external_hours":0}}','{"id":"33-wigyll734fzs","province":"330000","unit":{"id":"123302824500232269"},"internal_number":"S000000910","year":2025,"funding_source":"central_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":2886,"external_hours":0}}','{"id":"33-wigyll734fzs","province":"330000","unit":{"id":"123302824500232269","name":"宁波怀瑾医科大学"},"internal_number":"S000000910","name_zh":"实时荧光定量PCR仪","name_en":"Real-time quantitative PCR system","classification":{"scheme":"most-2006","code":"011011"},"source_classification":{"scheme":"most-2006","code":"011011"},"manufacturer":"伯乐","model":"QX200","origin_country":"US","acquisition_method":"purchased","original_value_fen":81010000,"commissioned_on":"2010-11-08","running_state":"normal","technical_indicators":"通量 96 孔；通道 5 色；温度均匀性 ±0.4 ℃","functions":"用于基因表达定量、病原检测和拷贝数分析。","service_content":"基因表达定量、转基因成分检测","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["180"],"location":{"province":"330000","city":"330200","county":"330282","address":"学府路81号"},"contact":{"name":"窦老师","office_phone":"0571-55500934","email":"contact0934@u33003.example.com"}}');
INSERT INTO "catalog_instrument" VALUES('33-23pkh33klyuk','330000',1,'12330302430001775Y|S000001018','33-u-fjggqu24vig2','半导体参数分析仪','040107','330300','CN',77970000,'50-200','local_fiscal','internal',401.0,0.0,'2018-01-01','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'73f7de1498085fb523c6b38283b51751d20f756d1aea75b5eb1c200f2243506a',NULL,NULL,'{"id":"33-23pkh33klyuk","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000001018","name_zh":"半导体参数分析仪","name_en":"Semiconductor parameter analyser","classification":{"scheme":"most-2006","code":"040107"},"source_classification":{"scheme":"most-2006","code":"040107"},"manufacturer":"国微感知","model":"PSS-M8","origin_country":"CN","acquisition_method":"purchased","original_value_fen":77970000,"commissioned_on":"2018-01-01","running_state":"normal","technical_indicators":"电流分辨率 1 fA；电压 ±200 V；含低温探针台 4.5～475 K","functions":"用于半导体器件直流、电容和脉冲特性测试。","service_content":"器件直流特性测试、低温电学测试","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","disciplines":["510"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"喻老师","office_phone":"0571-55500923","email":"contact0923@u33001.example.com"},"customs":{"supervised":false},"funding_source":"local_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":401,"external_hours":0}}','{"id":"33-23pkh33klyuk","province":"330000","unit":{"id":"12330302430001775Y"},"internal_number":"S000001018","year":2025,"funding_source":"local_fiscal","sharing_mode":"internal","annual":{"year":2025,"effective_hours":401,"external_hours":0}}','{"id":"33-23pkh33klyuk","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000001018","name_zh":"半导体参数分析仪","name_en":"Semiconductor parameter analyser","classification":{"scheme":"most-2006","code":"040107"},"source_classification":{"scheme":"most-2006","code":"040107"},"manufacturer":"国微感知","model":"PSS-M8","origin_country":"CN","acquisition_method":"purchased","original_value_fen":77970000,"commissioned_on":"2018-01-01","running_state":"normal","technical_indicators":"电流分辨率 1 fA；电压 ±200 V；含低温探针台 4.5～475 K","functions":"用于半导体器件直流、电容和脉冲特性测试。","service_content":"器件直流特性测试、低温电学测试","user_notice":"请提前三个工作日预约；样品需注明名称、数量、成分及危险性。","disciplines":["510"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"喻老师","office_phone":"0571-55500923","email":"contact0923@u33001.example.com"},"customs":{"supervised":false}}');
INSERT INTO "catalog_instrument" VALUES('33-vuygww653kt5','330000',1,'12330302430001775Y|S000001125','33-u-fjggqu24vig2','核磁共振波谱仪','010601','330300','CH',1902870000,'800+','local_fiscal','external',2800.0,752.0,'2025-05-02','2026-11-22 02:36:02.158765','2026-11-22 02:36:02.220701',NULL,'bcc112284c984d2c8cf8bbdef0fad46e8167808bd29150b6001c0e5211b361f0','fc68ffc34083e5e32a583d6eb4f78afcd824b7dac1de8cf0b2511cd2295ffa70',NULL,'{"id":"33-vuygww653kt5","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000001125","name_zh":"核磁共振波谱仪","name_en":"Nuclear magnetic resonance spectrometer","classification":{"scheme":"most-2006","code":"010601"},"source_classification":{"scheme":"most-2006","code":"010601"},"manufacturer":"布鲁克（法兰登）","model":"AVANCE III 400","origin_country":"CH","acquisition_method":"purchased","original_value_fen":1902870000,"commissioned_on":"2025-05-02","running_state":"normal","technical_indicators":"磁场强度 9.4 T；灵敏度 1H≥1100:1；液体双共振探头","functions":"用于有机分子结构鉴定、定量核磁和蛋白质溶液结构研究。","service_content":"氢谱测定、碳谱测定、二维谱测定、核磁上机","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["150"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"蒋老师","office_phone":"0571-55500924","email":"contact0924@u33001.example.com"},"image_url":"https://u33001.org.example/image/S000001125.jpg","funding_source":"local_fiscal","sharing_mode":"external","service_modes":["entrusted_test","machine_time"],"annual":{"year":2025,"effective_hours":2800,"external_hours":752}}','{"id":"33-vuygww653kt5","province":"330000","unit":{"id":"12330302430001775Y"},"internal_number":"S000001125","year":2025,"funding_source":"local_fiscal","sharing_mode":"external","service_modes":["entrusted_test","machine_time"],"annual":{"year":2025,"effective_hours":2800,"external_hours":752},"service_items":[{"number":1,"name":"氢谱测定","method":"一维核磁共振法","condition":"氘代氯仿","standards":["JY/T 0578-2020"],"charging_unit":"sample","fee_fen":9000,"turnaround_days":1,"cma":true,"cnas":true,"service_mode":"entrusted_test"},{"number":2,"name":"二维谱测定","method":"COSY/HSQC/HMBC","condition":"每种谱","standards":["JY/T 0578-2020"],"charging_unit":"item","fee_fen":38000,"turnaround_days":6,"cma":true,"cnas":true,"service_mode":"entrusted_test"},{"number":3,"name":"核磁上机","method":"液体核磁","condition":"持上机证","standards":["JY/T 0578-2020"],"charging_unit":"hour","fee_fen":39000,"turnaround_days":3,"cma":false,"cnas":false,"service_mode":"machine_time"}]}','{"id":"33-vuygww653kt5","province":"330000","unit":{"id":"12330302430001775Y","name":"温州云渚材料研究所"},"internal_number":"S000001125","name_zh":"核磁共振波谱仪","name_en":"Nuclear magnetic resonance spectrometer","classification":{"scheme":"most-2006","code":"010601"},"source_classification":{"scheme":"most-2006","code":"010601"},"manufacturer":"布鲁克（法兰登）","model":"AVANCE III 400","origin_country":"CH","acquisition_method":"purchased","original_value_fen":1902870000,"commissioned_on":"2025-05-02","running_state":"normal","technical_indicators":"磁场强度 9.4 T；灵敏度 1H≥1100:1；液体双共振探头","functions":"用于有机分子结构鉴定、定量核磁和蛋白质溶液结构研究。","service_content":"氢谱测定、碳谱测定、二维谱测定、核磁上机","user_notice":"具有腐蚀性、放射性、强磁性的样品请事先说明，未经同意不得送检。","disciplines":["150"],"location":{"province":"330000","city":"330300","county":"330302","address":"科苑路67号"},"contact":{"name":"蒋老师","office_phone":"0571-55500924","email":"contact0924@u33001.example.com"},"image_url":"https://u33001.org.example/image/S000001125.jpg"}');
CREATE TABLE catalog_service_item (
	id VARCHAR NOT NULL, 
	instrument_id VARCHAR NOT NULL, 
	institution_id VARCHAR, 
	province VARCHAR NOT NULL, 
	name VARCHAR, 
	charging_unit VARCHAR, 
	fee_fen INTEGER, 
	is_cma BOOLEAN NOT NULL, 
	is_cnas BOOLEAN NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_catalog_service_item PRIMARY KEY (id)
);
INSERT INTO "catalog_service_item" VALUES('33-fuk3wvhqbeyx-1','33-fuk3wvhqbeyx','33-u-ivimm2fe4vso','330000','数据存储服务','item',7000,0,0,'{"id":"33-fuk3wvhqbeyx-1","instrument_id":"33-fuk3wvhqbeyx","province":"330000","number":1,"name":"数据存储服务","method":"并行文件系统","condition":"每 TB 每月","standards":["GB/T 37722-2019"],"charging_unit":"item","fee_fen":7000,"turnaround_days":1,"cma":false,"cnas":false,"service_mode":"machine_time","institution_id":"33-u-ivimm2fe4vso"}');
INSERT INTO "catalog_service_item" VALUES('33-4ihe7nnzlcqe-1','33-4ihe7nnzlcqe','33-u-ivimm2fe4vso','330000','数控机床定位精度检测','item',210000,0,0,'{"id":"33-4ihe7nnzlcqe-1","instrument_id":"33-4ihe7nnzlcqe","province":"330000","number":1,"name":"数控机床定位精度检测","method":"激光干涉法","condition":"每轴","standards":["GB/T 17421.2-2016"],"charging_unit":"item","fee_fen":210000,"turnaround_days":3,"cma":false,"cnas":false,"service_mode":"entrusted_test","institution_id":"33-u-ivimm2fe4vso"}');
INSERT INTO "catalog_service_item" VALUES('33-3gmb2ut2mjtc-1','33-3gmb2ut2mjtc','33-u-fjggqu24vig2','330000','机器人性能测试','item',550000,1,1,'{"id":"33-3gmb2ut2mjtc-1","instrument_id":"33-3gmb2ut2mjtc","province":"330000","number":1,"name":"机器人性能测试","method":"激光跟踪法","condition":"单机","standards":["GB/T 12642-2013"],"charging_unit":"item","fee_fen":550000,"turnaround_days":11,"cma":true,"cnas":true,"service_mode":"entrusted_test","institution_id":"33-u-fjggqu24vig2"}');
INSERT INTO "catalog_service_item" VALUES('33-jps4z4sicijx-1','33-jps4z4sicijx','33-u-ivimm2fe4vso','330000','残余应力测定','item',43000,0,0,'{"id":"33-jps4z4sicijx-1","instrument_id":"33-jps4z4sicijx","province":"330000","number":1,"name":"残余应力测定","method":"X射线衍射法","condition":"单点单方向","standards":["GB/T 7704-2017"],"charging_unit":"item","fee_fen":43000,"turnaround_days":5,"cma":false,"cnas":false,"service_mode":"entrusted_test","institution_id":"33-u-ivimm2fe4vso"}');
INSERT INTO "catalog_service_item" VALUES('33-l6izvhtukz4b-1','33-l6izvhtukz4b','33-u-fjggqu24vig2','330000','精密实验环境使用','day',87000,0,0,'{"id":"33-l6izvhtukz4b-1","instrument_id":"33-l6izvhtukz4b","province":"330000","number":1,"name":"精密实验环境使用","method":"恒温隔振","condition":"每天","standards":["GB/T 25915.1-2021"],"charging_unit":"day","fee_fen":87000,"turnaround_days":2,"cma":false,"cnas":false,"service_mode":"machine_time","institution_id":"33-u-fjggqu24vig2"}');
INSERT INTO "catalog_service_item" VALUES('33-vuygww653kt5-1','33-vuygww653kt5','33-u-fjggqu24vig2','330000','氢谱测定','sample',9000,1,1,'{"id":"33-vuygww653kt5-1","instrument_id":"33-vuygww653kt5","province":"330000","number":1,"name":"氢谱测定","method":"一维核磁共振法","condition":"氘代氯仿","standards":["JY/T 0578-2020"],"charging_unit":"sample","fee_fen":9000,"turnaround_days":1,"cma":true,"cnas":true,"service_mode":"entrusted_test","institution_id":"33-u-fjggqu24vig2"}');
INSERT INTO "catalog_service_item" VALUES('33-vuygww653kt5-2','33-vuygww653kt5','33-u-fjggqu24vig2','330000','二维谱测定','item',38000,1,1,'{"id":"33-vuygww653kt5-2","instrument_id":"33-vuygww653kt5","province":"330000","number":2,"name":"二维谱测定","method":"COSY/HSQC/HMBC","condition":"每种谱","standards":["JY/T 0578-2020"],"charging_unit":"item","fee_fen":38000,"turnaround_days":6,"cma":true,"cnas":true,"service_mode":"entrusted_test","institution_id":"33-u-fjggqu24vig2"}');
INSERT INTO "catalog_service_item" VALUES('33-vuygww653kt5-3','33-vuygww653kt5','33-u-fjggqu24vig2','330000','核磁上机','hour',39000,0,0,'{"id":"33-vuygww653kt5-3","instrument_id":"33-vuygww653kt5","province":"330000","number":3,"name":"核磁上机","method":"液体核磁","condition":"持上机证","standards":["JY/T 0578-2020"],"charging_unit":"hour","fee_fen":39000,"turnaround_days":3,"cma":false,"cnas":false,"service_mode":"machine_time","institution_id":"33-u-fjggqu24vig2"}');
CREATE TABLE core_audit_counted (
	actor VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	route VARCHAR NOT NULL, 
	minute DATETIME NOT NULL, 
	subject VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_core_audit_counted PRIMARY KEY (actor, action, route, minute)
);
CREATE TABLE core_audit_private (
	digest VARCHAR NOT NULL, 
	about VARCHAR NOT NULL, 
	salt BLOB, 
	detail JSON, 
	erase_at DATETIME NOT NULL, 
	erased_at DATETIME, 
	CONSTRAINT pk_core_audit_private PRIMARY KEY (digest), 
	CONSTRAINT ck_core_audit_private_detail CHECK ((erased_at IS NULL) = (detail IS NOT NULL)), 
	CONSTRAINT ck_core_audit_private_salt CHECK ((erased_at IS NULL) = (salt IS NOT NULL))
);
INSERT INTO "core_audit_private" VALUES('537571caa4111726a4c1f982999103b73dac744932225421d78616a786cc3821','account:staff-530000',X'50CD630D037D5D51C40787CD25F87596','{"address":"127.0.0.1","agent":"-"}','2027-11-22 02:36:01.672459',NULL);
INSERT INTO "core_audit_private" VALUES('43deb67efd10a3936ad68cc50e3a50a014d6506aca398807b1dcb2a2de4eca76','account:admin',X'C355D4AEF76996219435DFBFCA23A3E4','{"address":"127.0.0.1","agent":"-"}','2027-11-22 02:36:02.773393',NULL);
CREATE TABLE core_chain_head (
	topic VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	CONSTRAINT pk_core_chain_head PRIMARY KEY (topic)
);
INSERT INTO "core_chain_head" VALUES('audit',13,X'5D122DFD2D9BBB7C38DC708614E68EEEC53AB77B539C69CBDD609C2A3DDA8EF9');
INSERT INTO "core_chain_head" VALUES('catalog',66,X'DA09B4F14628109081A499B2FF2917396230054B82AF6A160DB79DA84CC95B8C');
CREATE TABLE core_change (
	id INTEGER NOT NULL, 
	topic VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	payload JSON, 
	announced_at DATETIME NOT NULL, 
	number INTEGER, 
	previous_hash BLOB, 
	hash BLOB, 
	CONSTRAINT pk_core_change PRIMARY KEY (id), 
	CONSTRAINT uq_core_change_topic_number UNIQUE (topic, number)
);
INSERT INTO "core_change" VALUES(1,'audit','key:hub-20261122-NkBNuPky','{"actor":"system:keys","action":"identity.make_signing_key","detail":{"purpose":"token"}}','2026-11-22 02:36:01.279455',1,X'0000000000000000000000000000000000000000000000000000000000000000',X'A969C790D423A87FC0A88CEC83386270921F292F91D3B05A6203FA2A755B3851');
INSERT INTO "core_change" VALUES(2,'audit','account:staff-340000','{"actor":"system:test","action":"identity.grant","detail":{"role":"province_staff","party":null,"province":"340000","area":"34"}}','2026-11-22 02:36:01.361364',2,X'A969C790D423A87FC0A88CEC83386270921F292F91D3B05A6203FA2A755B3851',X'A1ADA0BE8975F91CA0412A5834E9490A2800E05B14A97BE68CA91365568FC396');
INSERT INTO "core_change" VALUES(3,'audit','account:staff-340000','{"actor":"system:test","action":"identity.put_account","detail":{"role":"province_staff","province":"340000"}}','2026-11-22 02:36:01.361364',3,X'A1ADA0BE8975F91CA0412A5834E9490A2800E05B14A97BE68CA91365568FC396',X'FF59084E38B3DE750A4B972555CDE1FF61BF2C8174A864446D650AD25470D126');
INSERT INTO "core_change" VALUES(4,'audit','key:340000.22696e37bb','{"actor":"system:test","action":"identity.issue_key","detail":{"scope":"sync"}}','2026-11-22 02:36:01.405831',4,X'FF59084E38B3DE750A4B972555CDE1FF61BF2C8174A864446D650AD25470D126',X'E594D9A52E3AEE70F93829081211E0120313B33BEA9C4322D784ACE0160DFF7C');
INSERT INTO "core_change" VALUES(5,'audit','account:staff-530000','{"actor":"system:test","action":"identity.grant","detail":{"role":"province_staff","party":null,"province":"530000","area":"53"}}','2026-11-22 02:36:01.407815',5,X'E594D9A52E3AEE70F93829081211E0120313B33BEA9C4322D784ACE0160DFF7C',X'FC5962714CEE2B15EAE6E9C7E46D7010476FD006142D831DA5642CB3F7498E7D');
INSERT INTO "core_change" VALUES(6,'audit','account:staff-530000','{"actor":"system:test","action":"identity.put_account","detail":{"role":"province_staff","province":"530000"}}','2026-11-22 02:36:01.407815',6,X'FC5962714CEE2B15EAE6E9C7E46D7010476FD006142D831DA5642CB3F7498E7D',X'59C57C9EF8F2115B76477DF5407CB1F272098010ED924D39F2D63DBEB7141578');
INSERT INTO "core_change" VALUES(7,'audit','key:530000.abed947a84','{"actor":"system:test","action":"identity.issue_key","detail":{"scope":"sync"}}','2026-11-22 02:36:01.436670',7,X'59C57C9EF8F2115B76477DF5407CB1F272098010ED924D39F2D63DBEB7141578',X'A3241407A629241F274DF6CB988D516DF25275C91C9A89F93D2CEE02BC492C1E');
INSERT INTO "core_change" VALUES(8,'catalog','34-xnlj444byu63','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',1,X'0000000000000000000000000000000000000000000000000000000000000000',X'9C74248CD54A6A98E877293257D678F558DFE0B471053373750097A77DDD4271');
INSERT INTO "core_change" VALUES(9,'catalog','34-ww5ex43sa47u','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',2,X'9C74248CD54A6A98E877293257D678F558DFE0B471053373750097A77DDD4271',X'047FE815C6364E6F471F09ACFB6688A2B5B119E8B36A8B24793B0C4A80A353C7');
INSERT INTO "core_change" VALUES(10,'catalog','34-cspv6ptwnqfu','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',3,X'047FE815C6364E6F471F09ACFB6688A2B5B119E8B36A8B24793B0C4A80A353C7',X'E0D6857A9CFA0F0DF944B209D0F9E56C178DC5EFCA58E1FAFC757153783D2E5D');
INSERT INTO "core_change" VALUES(11,'catalog','34-nyjlowyy3imp','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',4,X'E0D6857A9CFA0F0DF944B209D0F9E56C178DC5EFCA58E1FAFC757153783D2E5D',X'14C8B14D9DB972918CB4D3FEBD01870CDACE744EDACFDBE30C3A144C44184038');
INSERT INTO "core_change" VALUES(12,'catalog','34-exdodpkcsj54','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',5,X'14C8B14D9DB972918CB4D3FEBD01870CDACE744EDACFDBE30C3A144C44184038',X'883902D5E471E921C39D96CE0AD6C0E33CBF086231215981123EB3AE40D16B2B');
INSERT INTO "core_change" VALUES(13,'catalog','34-lracuxjuh3gp','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',6,X'883902D5E471E921C39D96CE0AD6C0E33CBF086231215981123EB3AE40D16B2B',X'31A7DF0E6A51ADAA27EE6C87268D52CB62AFC2ACDC5682917F0D467AF35ADDC0');
INSERT INTO "core_change" VALUES(14,'catalog','34-gwt6zvavjixz','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',7,X'31A7DF0E6A51ADAA27EE6C87268D52CB62AFC2ACDC5682917F0D467AF35ADDC0',X'A0F2E45D4AAC16758118D3F2840D5CE7F4B8DED34CBC78C43E74FB604B073786');
INSERT INTO "core_change" VALUES(15,'catalog','34-vszv3to6dybh','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',8,X'A0F2E45D4AAC16758118D3F2840D5CE7F4B8DED34CBC78C43E74FB604B073786',X'BE5D3D18721D32372595651093D72FEB7096AEE9AC7C108DA713E53D609488B3');
INSERT INTO "core_change" VALUES(16,'catalog','34-z6fnrbg6j3un','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',9,X'BE5D3D18721D32372595651093D72FEB7096AEE9AC7C108DA713E53D609488B3',X'AEDE4A0B62279169E128E7155168C45FCA04288C9622AC5D8828105C3DD1EADD');
INSERT INTO "core_change" VALUES(17,'catalog','34-7msqpdg2bjhg','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',10,X'AEDE4A0B62279169E128E7155168C45FCA04288C9622AC5D8828105C3DD1EADD',X'EE8CD66EADBC44BE1E00E5C2901DF72017D325F7F7AAE0E11A2269F82D3B7943');
INSERT INTO "core_change" VALUES(18,'catalog','34-ohpgudtc2y6a','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',11,X'EE8CD66EADBC44BE1E00E5C2901DF72017D325F7F7AAE0E11A2269F82D3B7943',X'6DB0F43093023E86DA0372966DAF704F4A8F47E43A29021CDFC8D6C91E028625');
INSERT INTO "core_change" VALUES(19,'catalog','34-6euvabqbx57t','{"kind":"instrument","action":"put"}','2026-11-22 02:36:01.565830',12,X'6DB0F43093023E86DA0372966DAF704F4A8F47E43A29021CDFC8D6C91E028625',X'1700F3276B6243377C36F516B59F57F38318394755793A82F100720D9199BB5B');
INSERT INTO "core_change" VALUES(20,'audit','account:staff-530000','{"actor":"account:staff-530000","action":"identity.sign_in","detail":{"via":"password","second_factor":"none"},"private":"537571caa4111726a4c1f982999103b73dac744932225421d78616a786cc3821"}','2026-11-22 02:36:01.672459',8,X'A3241407A629241F274DF6CB988D516DF25275C91C9A89F93D2CEE02BC492C1E',X'55E85C5774FAD2D26001D69A552BF84B845BEC9F380D0C5E88E9B0D8597766D5');
INSERT INTO "core_change" VALUES(21,'audit','file:1','{"actor":"account:staff-530000","action":"catalog.upload_file","detail":{"province":"530000","filename":"yunnan.xlsx","sha256":"dbef9cf6cb031ac8d3d465a65e7fe77f6c03b2ec817e07dc95df1465068b2b3b"}}','2026-11-22 02:36:01.931995',9,X'55E85C5774FAD2D26001D69A552BF84B845BEC9F380D0C5E88E9B0D8597766D5',X'83FC7C4C036005A4E970EAA09A892F38C92343D1C516C391EAF0F4499A4F605F');
INSERT INTO "core_change" VALUES(22,'catalog','53-6rafrsq2vrtx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',13,X'1700F3276B6243377C36F516B59F57F38318394755793A82F100720D9199BB5B',X'34977186D1DFB8C72CE7F50CB3AB57F5524203336CA63987972459FD8A32E409');
INSERT INTO "core_change" VALUES(23,'catalog','53-xqvtb7jt3jlp','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',14,X'34977186D1DFB8C72CE7F50CB3AB57F5524203336CA63987972459FD8A32E409',X'CB5E745CFC316FC06B6FB5911EA2F921E97FEB8230D294D6B990D7FBCAC37479');
INSERT INTO "core_change" VALUES(24,'catalog','53-bmbnayo34bad','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',15,X'CB5E745CFC316FC06B6FB5911EA2F921E97FEB8230D294D6B990D7FBCAC37479',X'EF933A21B7BC8C6DC6522AF164ED1BC89F5D47758789866F5F546C55726C79A1');
INSERT INTO "core_change" VALUES(25,'catalog','53-sshsejltthsj','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',16,X'EF933A21B7BC8C6DC6522AF164ED1BC89F5D47758789866F5F546C55726C79A1',X'AC6029A044A1013FF11EEE7B3E5CEFBBD48D849991BFF4EAFDE86C70F1E4F2DB');
INSERT INTO "core_change" VALUES(26,'catalog','53-joykgq7l4vzp','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',17,X'AC6029A044A1013FF11EEE7B3E5CEFBBD48D849991BFF4EAFDE86C70F1E4F2DB',X'1FAFC4485C5FC619E5719A1EFF0647A5CF582A6A69E2D625DD955C2ED304DD18');
INSERT INTO "core_change" VALUES(27,'catalog','53-24owx2447rbb','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',18,X'1FAFC4485C5FC619E5719A1EFF0647A5CF582A6A69E2D625DD955C2ED304DD18',X'99CE7B28FB4B8AEAF224D3DD2F5F0AC4B4B60EE0B348B92F21147B3413BCF074');
INSERT INTO "core_change" VALUES(28,'catalog','53-tbrwed3smchz','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',19,X'99CE7B28FB4B8AEAF224D3DD2F5F0AC4B4B60EE0B348B92F21147B3413BCF074',X'EDE7957AF607929B3AD1963E8BEDA5406A53A60B893CCAFBA33B57A8CF0CC7A8');
INSERT INTO "core_change" VALUES(29,'catalog','53-6dyd3sbsdyoc','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',20,X'EDE7957AF607929B3AD1963E8BEDA5406A53A60B893CCAFBA33B57A8CF0CC7A8',X'90BA62A7A0611BC422D66BBD1784EA654C4BEC943F550629D98B0BB04C5F446C');
INSERT INTO "core_change" VALUES(30,'catalog','53-rlqayjvoquyb','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',21,X'90BA62A7A0611BC422D66BBD1784EA654C4BEC943F550629D98B0BB04C5F446C',X'B42F89A1A8DFC3A7CB763A31FCB1952EBBB5F2B219A34E76A7965665757D2C67');
INSERT INTO "core_change" VALUES(31,'catalog','53-rrfsuo6qzqsn','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',22,X'B42F89A1A8DFC3A7CB763A31FCB1952EBBB5F2B219A34E76A7965665757D2C67',X'D9AB63B252AEF4BDE6872FA54B64F9E53E3B6168D06A4B6363F5A4778B4CD477');
INSERT INTO "core_change" VALUES(32,'catalog','53-wcarb2ks7rzl','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',23,X'D9AB63B252AEF4BDE6872FA54B64F9E53E3B6168D06A4B6363F5A4778B4CD477',X'D6534F482842B3DE2600FB81DF8EA9ED6F227120370DC1C712BD7421982D299C');
INSERT INTO "core_change" VALUES(33,'catalog','53-lldxebb2eagq','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.012964',24,X'D6534F482842B3DE2600FB81DF8EA9ED6F227120370DC1C712BD7421982D299C',X'EF52CA9DEE6888EA902984AF410AAA7547A39BF331E108D66D1855D86B63014F');
INSERT INTO "core_change" VALUES(34,'catalog','33-u-fjggqu24vig2','{"kind":"institution","action":"put"}','2026-11-22 02:36:02.121198',25,X'EF52CA9DEE6888EA902984AF410AAA7547A39BF331E108D66D1855D86B63014F',X'F15733D838A02A240672E446CCE527C64AF3414E8E55F86411326BEFAE3FD250');
INSERT INTO "core_change" VALUES(35,'catalog','33-u-nppaiov3ahbd','{"kind":"institution","action":"put"}','2026-11-22 02:36:02.121198',26,X'F15733D838A02A240672E446CCE527C64AF3414E8E55F86411326BEFAE3FD250',X'9C06C14CE313E63C52B3EE33DAC43ECE5A75CC8DBA2F55917741DC3906B2B535');
INSERT INTO "core_change" VALUES(36,'catalog','33-u-ivimm2fe4vso','{"kind":"institution","action":"put"}','2026-11-22 02:36:02.121198',27,X'9C06C14CE313E63C52B3EE33DAC43ECE5A75CC8DBA2F55917741DC3906B2B535',X'F25C125496F3FBB51F4CD4BA1601CBB0B4BBCE9F3A2CA134858EBBDE71CD7068');
INSERT INTO "core_change" VALUES(37,'catalog','33-fukmtizyu6fq','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',28,X'F25C125496F3FBB51F4CD4BA1601CBB0B4BBCE9F3A2CA134858EBBDE71CD7068',X'D5F0C9AA5A53712E13744257ED88F8AADE9D7739AC505BAEE6214D77C1A5D359');
INSERT INTO "core_change" VALUES(38,'catalog','33-fuk3wvhqbeyx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',29,X'D5F0C9AA5A53712E13744257ED88F8AADE9D7739AC505BAEE6214D77C1A5D359',X'D09771ACBC0DD1BF054E54A367EC91B87119743FD8708C2E00B764251F79C2A2');
INSERT INTO "core_change" VALUES(39,'catalog','33-4ihe7nnzlcqe','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',30,X'D09771ACBC0DD1BF054E54A367EC91B87119743FD8708C2E00B764251F79C2A2',X'29AD3E95B8CDAAC84495CA373A193607D82971DF5A6D55833B48F426CCE05BA6');
INSERT INTO "core_change" VALUES(40,'catalog','33-3gmb2ut2mjtc','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',31,X'29AD3E95B8CDAAC84495CA373A193607D82971DF5A6D55833B48F426CCE05BA6',X'BFEF6559A531B59111968E85E3CC0EF723CCC9D4C8F09A36B615B5E33E57BE7C');
INSERT INTO "core_change" VALUES(41,'catalog','33-jps4z4sicijx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',32,X'BFEF6559A531B59111968E85E3CC0EF723CCC9D4C8F09A36B615B5E33E57BE7C',X'C2F0E5875C2BFB5BEEC0BF5A0808898F988245B69FEE2DA6831BEA1AA843D77F');
INSERT INTO "core_change" VALUES(42,'catalog','33-eapwajk7e6m7','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',33,X'C2F0E5875C2BFB5BEEC0BF5A0808898F988245B69FEE2DA6831BEA1AA843D77F',X'55EADE7A2A2022079F1DF2E6B3FE21A2E9ACBA60013A207AD823CD36AF150B70');
INSERT INTO "core_change" VALUES(43,'catalog','33-l6izvhtukz4b','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',34,X'55EADE7A2A2022079F1DF2E6B3FE21A2E9ACBA60013A207AD823CD36AF150B70',X'1DEFFE6FDB5E01A16913A45C39AE04553BD5E5BBC29B9183BF66A06D888F2CD4');
INSERT INTO "core_change" VALUES(44,'catalog','33-h26l2lhtyfc6','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',35,X'1DEFFE6FDB5E01A16913A45C39AE04553BD5E5BBC29B9183BF66A06D888F2CD4',X'03A317C1D7A6E4B240CDBC2323079DF5EAFC3FDE8B694EBEBD9EE84989F80309');
INSERT INTO "core_change" VALUES(45,'catalog','33-ynhevpqqrbsr','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',36,X'03A317C1D7A6E4B240CDBC2323079DF5EAFC3FDE8B694EBEBD9EE84989F80309',X'19840F5F3561E5DE7842AA0345060A0602B95E5EC6DA3B1AADB57EC0314D3747');
INSERT INTO "core_change" VALUES(46,'catalog','33-wigyll734fzs','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',37,X'19840F5F3561E5DE7842AA0345060A0602B95E5EC6DA3B1AADB57EC0314D3747',X'E8E9B18889A0A16F7D384C1F952BCB9080026A7E2FA0E8B35D14B6ED39607268');
INSERT INTO "core_change" VALUES(47,'catalog','33-23pkh33klyuk','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',38,X'E8E9B18889A0A16F7D384C1F952BCB9080026A7E2FA0E8B35D14B6ED39607268',X'15DD4BF8E8709F8B31C95EAB0478645DF41801F6B42BD6F566E25E7C7DD529DA');
INSERT INTO "core_change" VALUES(48,'catalog','33-vuygww653kt5','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.220701',39,X'15DD4BF8E8709F8B31C95EAB0478645DF41801F6B42BD6F566E25E7C7DD529DA',X'517414F8E31C51FA331A6E04969F77E4D3495CDB6E9423BB0D875FF1D60EFAEE');
INSERT INTO "core_change" VALUES(49,'catalog','33-u-ivimm2fe4vso','{"kind":"institution","action":"put"}','2026-11-22 02:36:02.298691',40,X'517414F8E31C51FA331A6E04969F77E4D3495CDB6E9423BB0D875FF1D60EFAEE',X'15B4BC400D9F6AF822BFEB71343FD8078A53AD4B7701EDF913CEB54ABCD23EAE');
INSERT INTO "core_change" VALUES(50,'catalog','33-u-fjggqu24vig2','{"kind":"institution","action":"put"}','2026-11-22 02:36:02.298691',41,X'15B4BC400D9F6AF822BFEB71343FD8078A53AD4B7701EDF913CEB54ABCD23EAE',X'B98961B58FBD2CF8D48726822CF50BF38CACE91D55C2FCA356103F1BE0CBB1FA');
INSERT INTO "core_change" VALUES(51,'catalog','33-u-nppaiov3ahbd','{"kind":"institution","action":"put"}','2026-11-22 02:36:02.298691',42,X'B98961B58FBD2CF8D48726822CF50BF38CACE91D55C2FCA356103F1BE0CBB1FA',X'24E7ADD131782C24B07E411DE004EB786CDF8BC3230F2E9822C0BCF22612F7EF');
INSERT INTO "core_change" VALUES(52,'catalog','33-fuk3wvhqbeyx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',43,X'24E7ADD131782C24B07E411DE004EB786CDF8BC3230F2E9822C0BCF22612F7EF',X'0E32109C1627537967E9A76105B8E703999A1734FC7F06A433DA751C69ADFF23');
INSERT INTO "core_change" VALUES(53,'catalog','33-4ihe7nnzlcqe','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',44,X'0E32109C1627537967E9A76105B8E703999A1734FC7F06A433DA751C69ADFF23',X'2EB20F487E1FA77B6AF2BE16796084DD210F1F378402DC685E8C4BA3EF4FD8C1');
INSERT INTO "core_change" VALUES(54,'catalog','33-jps4z4sicijx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',45,X'2EB20F487E1FA77B6AF2BE16796084DD210F1F378402DC685E8C4BA3EF4FD8C1',X'1EE9A1CEB2F9B0774D76281097DC49451B24659A9103D04AB8E906D5142CDE20');
INSERT INTO "core_change" VALUES(55,'catalog','33-eapwajk7e6m7','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',46,X'1EE9A1CEB2F9B0774D76281097DC49451B24659A9103D04AB8E906D5142CDE20',X'6DD6DF88803C3624CC6B446EE9C3A74B287D158F2D993D37EB93D19ECC51CA4F');
INSERT INTO "core_change" VALUES(56,'catalog','33-h26l2lhtyfc6','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',47,X'6DD6DF88803C3624CC6B446EE9C3A74B287D158F2D993D37EB93D19ECC51CA4F',X'AE0E6C4CA18471B6159948AE16DFBCA8E79FA8326DE365D10F2E1EA1AC8C5F7B');
INSERT INTO "core_change" VALUES(57,'catalog','33-wigyll734fzs','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',48,X'AE0E6C4CA18471B6159948AE16DFBCA8E79FA8326DE365D10F2E1EA1AC8C5F7B',X'F9645749322841A25427DFADF5CFB44D5A35AFDCFABF5B2B1CEA09D3549F6C91');
INSERT INTO "core_change" VALUES(58,'catalog','33-3gmb2ut2mjtc','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',49,X'F9645749322841A25427DFADF5CFB44D5A35AFDCFABF5B2B1CEA09D3549F6C91',X'509C6829B3298935787350E0D974E2A81C50EA8FFD512B9E0074306FB3187E8E');
INSERT INTO "core_change" VALUES(59,'catalog','33-l6izvhtukz4b','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',50,X'509C6829B3298935787350E0D974E2A81C50EA8FFD512B9E0074306FB3187E8E',X'C65AA1D12381DB37CCB9838A35D15FC4E149564D2FE67EA27702E92389764E76');
INSERT INTO "core_change" VALUES(60,'catalog','33-ynhevpqqrbsr','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',51,X'C65AA1D12381DB37CCB9838A35D15FC4E149564D2FE67EA27702E92389764E76',X'EEF5BF2FFB878F93E52FB3C436834A2FCC1A442C0B917CD6F4046D96150FAB63');
INSERT INTO "core_change" VALUES(61,'catalog','33-23pkh33klyuk','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',52,X'EEF5BF2FFB878F93E52FB3C436834A2FCC1A442C0B917CD6F4046D96150FAB63',X'8725D93E0C45E55205519F20DB0502875C1F4F3444F35A183E95252B1D8F6D5F');
INSERT INTO "core_change" VALUES(62,'catalog','33-vuygww653kt5','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',53,X'8725D93E0C45E55205519F20DB0502875C1F4F3444F35A183E95252B1D8F6D5F',X'63FC8B71BB0C234C9E04BB85FB08CA6E2B7AFFFEC5147828C81ED55C3E801DD3');
INSERT INTO "core_change" VALUES(63,'catalog','33-fukmtizyu6fq','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.378913',54,X'63FC8B71BB0C234C9E04BB85FB08CA6E2B7AFFFEC5147828C81ED55C3E801DD3',X'EEDD389211C1EE47EC0DCD2CD1B5C85E26BE452D60BFE1A30E90EC7F18DD5B44');
INSERT INTO "core_change" VALUES(64,'catalog','33-fuk3wvhqbeyx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',55,X'EEDD389211C1EE47EC0DCD2CD1B5C85E26BE452D60BFE1A30E90EC7F18DD5B44',X'E3DCF843703212BA846699BA5ED463921BFBCE78DA062D3B95EAD0A0BC488D1C');
INSERT INTO "core_change" VALUES(65,'catalog','33-4ihe7nnzlcqe','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',56,X'E3DCF843703212BA846699BA5ED463921BFBCE78DA062D3B95EAD0A0BC488D1C',X'810298BEC914474414FA288CE6FBDCA3F97498CE3BA728D8398D10264668B2D0');
INSERT INTO "core_change" VALUES(66,'catalog','33-jps4z4sicijx','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',57,X'810298BEC914474414FA288CE6FBDCA3F97498CE3BA728D8398D10264668B2D0',X'4B63B6D10A2C9560285F9F5BA726A4B7A12A3E33869140437E22A9F401E9DAAF');
INSERT INTO "core_change" VALUES(67,'catalog','33-eapwajk7e6m7','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',58,X'4B63B6D10A2C9560285F9F5BA726A4B7A12A3E33869140437E22A9F401E9DAAF',X'0339528370136B36DC116B18B1EC2D036D181624AF1C9F1D268E14A299B621F0');
INSERT INTO "core_change" VALUES(68,'catalog','33-h26l2lhtyfc6','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',59,X'0339528370136B36DC116B18B1EC2D036D181624AF1C9F1D268E14A299B621F0',X'29375DFFD481C59D41C88DEC56BBF8A68624A7ECE9F28B3D8525EED487D8A555');
INSERT INTO "core_change" VALUES(69,'catalog','33-wigyll734fzs','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',60,X'29375DFFD481C59D41C88DEC56BBF8A68624A7ECE9F28B3D8525EED487D8A555',X'980D8E2A8FE159209BEEDC0B9C75206FCEE25D40B9089F23C6B0A64A92FE7F99');
INSERT INTO "core_change" VALUES(70,'catalog','33-3gmb2ut2mjtc','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',61,X'980D8E2A8FE159209BEEDC0B9C75206FCEE25D40B9089F23C6B0A64A92FE7F99',X'E99A7F18CC9AFCECD4B16DB36BFAEED4BD1698570E43515C71083BC58CBCE1EB');
INSERT INTO "core_change" VALUES(71,'catalog','33-l6izvhtukz4b','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',62,X'E99A7F18CC9AFCECD4B16DB36BFAEED4BD1698570E43515C71083BC58CBCE1EB',X'F68BF2CEE377BF29EA399F1F803B73E6940A1C9365C50229B035E699F3E2D062');
INSERT INTO "core_change" VALUES(72,'catalog','33-ynhevpqqrbsr','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',63,X'F68BF2CEE377BF29EA399F1F803B73E6940A1C9365C50229B035E699F3E2D062',X'1E539E4F489682622DA47306D996235A6616AFD9210B5782F7ADEEFF93E22620');
INSERT INTO "core_change" VALUES(73,'catalog','33-23pkh33klyuk','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',64,X'1E539E4F489682622DA47306D996235A6616AFD9210B5782F7ADEEFF93E22620',X'DD91772CAB6E9A9B72DB13B16998DDF14927F8BBE9A1AD3F9AFDC91E2C07B041');
INSERT INTO "core_change" VALUES(74,'catalog','33-vuygww653kt5','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',65,X'DD91772CAB6E9A9B72DB13B16998DDF14927F8BBE9A1AD3F9AFDC91E2C07B041',X'02C76B5C7603DB8EBFF297E95D715CB183F24DCEC9CD9580FD153CB4C9E02B27');
INSERT INTO "core_change" VALUES(75,'catalog','33-fukmtizyu6fq','{"kind":"instrument","action":"put"}','2026-11-22 02:36:02.465599',66,X'02C76B5C7603DB8EBFF297E95D715CB183F24DCEC9CD9580FD153CB4C9E02B27',X'DA09B4F14628109081A499B2FF2917396230054B82AF6A160DB79DA84CC95B8C');
INSERT INTO "core_change" VALUES(76,'audit','account:admin','{"actor":"system:test","action":"identity.grant","detail":{"role":"hub_admin","party":null,"province":null,"area":null}}','2026-11-22 02:36:02.701130',10,X'83FC7C4C036005A4E970EAA09A892F38C92343D1C516C391EAF0F4499A4F605F',X'E0D93E4E34DA7C8FCD81677B6AB817199024ABDE4585CFD4B846224ECFF0FE8F');
INSERT INTO "core_change" VALUES(77,'audit','account:admin','{"actor":"system:test","action":"identity.put_account","detail":{"role":"hub_admin","province":null}}','2026-11-22 02:36:02.701130',11,X'E0D93E4E34DA7C8FCD81677B6AB817199024ABDE4585CFD4B846224ECFF0FE8F',X'FDFD6A2104FEB17292DA64F7FD74DF52C32155E8FCC17EF420C951B15353DBE4');
INSERT INTO "core_change" VALUES(78,'audit','account:admin','{"actor":"account:admin","action":"identity.sign_in","detail":{"via":"password","second_factor":"none"},"private":"43deb67efd10a3936ad68cc50e3a50a014d6506aca398807b1dcb2a2de4eca76"}','2026-11-22 02:36:02.773393',12,X'FDFD6A2104FEB17292DA64F7FD74DF52C32155E8FCC17EF420C951B15353DBE4',X'5021C308958C63113807C473ABAF4EC46DFDD296B6D077C1C0EFA5D0FD11547E');
INSERT INTO "core_change" VALUES(79,'audit','province:330000','{"actor":"account:admin","action":"catalog.request_sync","detail":{"full":false}}','2026-11-22 02:36:02.819864',13,X'5021C308958C63113807C473ABAF4EC46DFDD296B6D077C1C0EFA5D0FD11547E',X'5D122DFD2D9BBB7C38DC708614E68EEEC53AB77B539C69CBDD609C2A3DDA8EF9');
CREATE TABLE core_lease (
	name VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	until DATETIME NOT NULL, 
	fence INTEGER NOT NULL, 
	CONSTRAINT pk_core_lease PRIMARY KEY (name)
);
INSERT INTO "core_lease" VALUES('identity.signing_keys','-','2026-11-22 02:36:01.279455',1);
INSERT INTO "core_lease" VALUES('sequencer','vm:6276:fc2bb0d5','2026-11-22 02:36:04.828608',1);
CREATE TABLE core_outbox (
	id INTEGER NOT NULL, 
	task_name VARCHAR NOT NULL, 
	payload JSON NOT NULL, 
	queue VARCHAR NOT NULL, 
	"key" VARCHAR, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	sends INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	holder VARCHAR, 
	lease_until DATETIME, 
	fence INTEGER NOT NULL, 
	done_at DATETIME, 
	failed_at DATETIME, 
	last_error VARCHAR, 
	CONSTRAINT pk_core_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_core_outbox_key UNIQUE ("key")
);
INSERT INTO "core_outbox" VALUES(1,'catalog.take_upload','{"file_id":1}','sync',NULL,'2026-11-22 02:36:01.931995','2026-11-22 02:36:01.931995',1,1,NULL,NULL,1,'2026-11-22 02:36:02.069816',NULL,NULL);
INSERT INTO "core_outbox" VALUES(2,'catalog.sync_province','{"province":"330000","trigger":"manual","actor":"account:admin","full":false}','sync',NULL,'2026-11-22 02:36:02.819864','2026-11-22 02:36:02.819864',0,0,NULL,NULL,0,NULL,NULL,NULL);
CREATE TABLE exchange_conversation (
	subject VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	correlation_id VARCHAR NOT NULL, 
	last_out INTEGER NOT NULL, 
	last_in INTEGER NOT NULL, 
	last_in_at DATETIME, 
	CONSTRAINT pk_exchange_conversation PRIMARY KEY (subject)
);
CREATE TABLE exchange_inbox (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	content_hash VARCHAR NOT NULL, 
	subject VARCHAR, 
	kind VARCHAR NOT NULL, 
	sequence INTEGER, 
	way VARCHAR NOT NULL, 
	is_signed BOOLEAN NOT NULL, 
	verdict VARCHAR NOT NULL, 
	why VARCHAR, 
	received_at DATETIME NOT NULL, 
	raw BLOB NOT NULL, 
	CONSTRAINT pk_exchange_inbox PRIMARY KEY (id), 
	CONSTRAINT ck_exchange_inbox_verdict CHECK (verdict IN ('apply', 'stale', 'conflicting', 'refused')), 
	CONSTRAINT uq_exchange_inbox_province_message_id_content_hash UNIQUE (province, message_id, content_hash)
);
CREATE TABLE exchange_message (
	id VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	deadline DATETIME NOT NULL, 
	content_hash VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	sealed_at DATETIME NOT NULL, 
	signature VARCHAR, 
	CONSTRAINT pk_exchange_message PRIMARY KEY (id), 
	CONSTRAINT fk_exchange_message_subject_exchange_conversation FOREIGN KEY(subject) REFERENCES exchange_conversation (subject), 
	CONSTRAINT uq_exchange_message_subject_sequence UNIQUE (subject, sequence)
);
CREATE TABLE exchange_receipt (
	message_id VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	way VARCHAR NOT NULL, 
	answer_id VARCHAR NOT NULL, 
	answer_hash VARCHAR NOT NULL, 
	is_signed BOOLEAN NOT NULL, 
	CONSTRAINT pk_exchange_receipt PRIMARY KEY (message_id), 
	CONSTRAINT fk_exchange_receipt_message_id_exchange_message FOREIGN KEY(message_id) REFERENCES exchange_message (id)
);
CREATE TABLE federation_batch (
	province VARCHAR NOT NULL, 
	batch_id VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	period VARCHAR, 
	sha256 VARCHAR NOT NULL, 
	received_at DATETIME NOT NULL, 
	run_id INTEGER NOT NULL, 
	answer JSON, 
	CONSTRAINT pk_federation_batch PRIMARY KEY (province, batch_id)
);
INSERT INTO "federation_batch" VALUES('340000','60d33586-ca0d-49c2-8938-1feb3cd1aa35','instruments',NULL,'6dde4d5005d22eda8f39669cbe80c3da79a287c14699acfdecb115012bf13934','2026-11-22 02:36:01.521813',1,'{"batch_id":"60d33586-ca0d-49c2-8938-1feb3cd1aa35","resource":"instruments","run_id":1,"verdict":"complete","reasons":[],"received":16,"accepted":12,"unchanged":0,"rejected":4,"deleted":0,"records":[{"line":1,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000000024","verdict":"accepted","problems":[]},{"line":2,"key":"6f270853840b38f1b1694aaedc3f0b0a|20180000001","verdict":"accepted","problems":[]},{"line":3,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000000211","verdict":"accepted","problems":[]},{"line":4,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000001211","verdict":"rejected","problems":[{"pointer":"/original_value_fen","code":"too-small","zh":"「原值」太小，不得小于 1 分，请核对数值和单位","en":"“Original value” is too small: at least 1 fen; check number and unit"}]},{"line":5,"key":"e52a81ccb435aa488ce9d25eff097403|S000000305","verdict":"accepted","problems":[]},{"line":6,"key":"e52a81ccb435aa488ce9d25eff097403|S000000421","verdict":"accepted","problems":[]},{"line":7,"key":"6f270853840b38f1b1694aaedc3f0b0a|20250000005","verdict":"accepted","problems":[]},{"line":8,"key":"6f270853840b38f1b1694aaedc3f0b0a|20250000005","verdict":"rejected","problems":[{"pointer":"","code":"duplicate-key","zh":"与先到的记录主键相同而内容不同；以先到者为准，请来源平台改正编号","en":"same key as an earlier record with other content; the first one stands, the platform has to correct it"}]},{"line":9,"key":"6f270853840b38f1b1694aaedc3f0b0a|20130000006","verdict":"accepted","problems":[]},{"line":10,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000000721","verdict":"accepted","problems":[]},{"line":11,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000000807","verdict":"accepted","problems":[]},{"line":12,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000001407","verdict":"rejected","problems":[{"pointer":"/classification","code":"unknown-class","zh":"分类「660500 未列入的仪器」不在 most-2006 中，也没有对照；请核对编码，或在 vocab.csv 的 classification 表中补一行","en":"class “660500 未列入的仪器” is not in most-2006 and has no crosswalk; check the code or add a row to classification"}]},{"line":13,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000000925","verdict":"accepted","problems":[]},{"line":14,"key":"6f270853840b38f1b1694aaedc3f0b0a|20240000010","verdict":"accepted","problems":[]},{"line":15,"key":"6f270853840b38f1b1694aaedc3f0b0a|20140000011","verdict":"accepted","problems":[]},{"line":16,"key":null,"verdict":"rejected","problems":[{"pointer":"/internal_number","code":"missing-key","zh":"缺少单位标识或编号（或其中含有「|」），无法识别这条记录；请补上后重报","en":"the unit or the number is missing (or holds “|”), so the record cannot be identified; add it and send again"}]}]}');
INSERT INTO "federation_batch" VALUES('340000','unknown-state','instruments',NULL,'552b04fce6520f9f0cd63dc54945ad6a9d92876c227880417b82203b6b5edec6','2026-11-22 02:36:02.492662',10,'{"batch_id":"unknown-state","resource":"instruments","run_id":10,"verdict":"complete","reasons":[],"received":1,"accepted":0,"unchanged":0,"rejected":1,"deleted":0,"records":[{"line":1,"key":"bd66b19665e48f67110f3a9fcd4d37aa|S000000024","verdict":"rejected","problems":[{"pointer":"/running_state","code":"unmapped-code","zh":"代码值「封存」在本省对照表 running_state 和规范代码表 running_state 中都没有；请在 vocab.csv 中补一行","en":"value “封存” is in neither the province''s table running_state nor the list running_state; add a row to vocab.csv"}]}]}');
CREATE TABLE federation_checkpoint (
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	cursor VARCHAR, 
	read_id INTEGER NOT NULL, 
	is_read_open BOOLEAN NOT NULL, 
	read_started_at DATETIME, 
	read_rows INTEGER NOT NULL, 
	read_unidentified INTEGER NOT NULL, 
	read_declared INTEGER, 
	full_read_id INTEGER, 
	full_read_at DATETIME, 
	full_read_rows INTEGER, 
	full_read_unidentified INTEGER, 
	full_read_mapping VARCHAR, 
	committed_at DATETIME, 
	due_at DATETIME, 
	CONSTRAINT pk_federation_checkpoint PRIMARY KEY (province, resource)
);
INSERT INTO "federation_checkpoint" VALUES('340000','instruments','{"done":1,"kind":"push"}',10,0,'2026-11-22 02:36:02.492872',1,0,NULL,2,'2026-11-22 02:36:01.640140',14,0,'1-2207adbb','2026-11-22 02:36:02.508828',NULL);
INSERT INTO "federation_checkpoint" VALUES('530000','instruments','{"after":"yunnan.xlsx","kind":"file"}',3,0,'2026-11-22 02:36:01.970839',16,1,NULL,3,'2026-11-22 02:36:02.053042',16,1,'1-a495d9e3','2026-11-22 02:36:02.012964',NULL);
INSERT INTO "federation_checkpoint" VALUES('330000','institutions','{"end":true,"kind":"number","number":2,"seen":0,"steady":true,"total":0}',7,0,'2026-11-22 02:36:02.252234',0,0,0,7,'2026-11-22 02:36:02.307858',3,0,'1-f708dfd9','2026-11-22 02:36:02.258181','2026-11-23 02:36:02.307858');
INSERT INTO "federation_checkpoint" VALUES('330000','survey','{"end":true,"kind":"number","number":2,"seen":0,"steady":true,"total":0}',8,0,'2026-11-22 02:36:02.314480',0,0,0,8,'2026-11-22 02:36:02.390377',12,0,'1-f708dfd9','2026-11-22 02:36:02.323757','2026-11-23 02:36:02.390377');
INSERT INTO "federation_checkpoint" VALUES('330000','instruments','{"end":true,"kind":"number","number":2,"seen":0,"steady":true,"total":0}',9,0,'2026-11-22 02:36:02.400678',0,0,0,9,'2026-11-22 02:36:02.475005',16,1,'1-a6bd9998','2026-11-22 02:36:02.412655','2026-11-22 03:36:02.475005');
CREATE TABLE federation_digest (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	period VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	received_at DATETIME NOT NULL, 
	run_id INTEGER NOT NULL, 
	answer JSON NOT NULL, 
	CONSTRAINT pk_federation_digest PRIMARY KEY (id)
);
INSERT INTO "federation_digest" VALUES(1,'340000','instruments','2026-10','94410aca5da73ef9e797da35d0fdbc4a9c29a8af57a8d971ffa1cda3acbe36c0',14,'2026-11-22 02:36:01.645649',2,'{"resource":"instruments","period":"2026-10","run_id":2,"verdict":"complete","reasons":[],"declared":14,"held":12,"missing_count":0,"extra_count":0,"missing":[],"extra":[]}');
CREATE TABLE federation_file (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	uploaded_by VARCHAR NOT NULL, 
	uploaded_at DATETIME NOT NULL, 
	state VARCHAR NOT NULL, 
	run_id INTEGER, 
	error JSON, 
	CONSTRAINT pk_federation_file PRIMARY KEY (id), 
	CONSTRAINT uq_federation_file_province_resource_sha256 UNIQUE (province, resource, sha256)
);
INSERT INTO "federation_file" VALUES(1,'530000','instruments','yunnan.xlsx','dbef9cf6cb031ac8d3d465a65e7fe77f6c03b2ec817e07dc95df1465068b2b3b',12049,'account:staff-530000','2026-11-22 02:36:01.918531','done',3,NULL);
CREATE TABLE federation_file_part (
	file_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_federation_file_part PRIMARY KEY (file_id, number), 
	CONSTRAINT fk_federation_file_part_file_id_federation_file FOREIGN KEY(file_id) REFERENCES federation_file (id)
);
INSERT INTO "federation_file_part" VALUES(1,0,X'504B030414000000080000002100615D493A4F0100008F040000130000005B436F6E74656E745F54797065735D2E786D6CAD94CB6EC2301045F7FD8AC8DB2A317451551581451FCB16A9F4035C7B422C1CDBF20C14FEBE93F0505B51A0824DAC64EEDC73C78E3C182D1B972D20A10DBE14FDA22732F03A18EBA7A5789F3CE777224352DE28173C9462052846C3ABC1641501336EF6588A9A28DE4B89BA864661112278AE5421358AF8354D65547AA6A6206F7ABD5BA98327F09453EB21868347A8D4DC51F6B4E4CFEB20091C8AEC612D6C59A550313AAB15715D2EBCF945C93784823B3B0DD636E2350B84DC4B682B7F03367DAFBC33C91AC8C62AD18B6A58254DD0E314224AD617875DF6C40C556535B0C7BCE19602DA40064C1ED9121259D8653EC8D621C1FFE1DB3D6ABB4F242E9D445A39C0B347C5984019AC01A871C5DAF40899F87F82F5B37F36BFB33902FC0C69F611C2ECD2C3B66BD128EB4FE0776294DD72FED43F83ECFC8F1D79AD1298374A7C0D5CFCE4BF7B6F73C8EE3E197E01504B030414000000080000002100F29F49DAE90000004B0200000B0000005F72656C732F2E72656C73AD92C14EC3300C40EF7C45E4FB9A6E4808A1A5BB20A4DD26343EC0246E1BB58DA3C483EEEF8990400C8D69078E71ECE767CBEBCD3C8DEA8D52F61C0C2CAB1A1405CBCE87CEC0CBFE69710F2A0B068723073270A40C9BE666FD4C234AA9C9BD8F591548C8067A91F8A075B63D4D982B8E14CA4FCB694229CFD4E98876C08EF4AAAEEF74FAC980E684A9B6CE40DABA25A8FD31D2356C6E5B6FE991ED61A220675AFCCA28644C1D898179D4EF9C8657E6A12A50D0E75D56D7BBFC3DA79E48D0A1A0B69C681153A94EE2CB5ABF751CDB5D09E7CF8C4B42B7FFB91C9A85822377590963FC32D22737D07C00504B03041400000008000000210044755BF0E8000000B90200001A000000786C2F5F72656C732F776F726B626F6F6B2E786D6C2E72656C73AD92C16AC3301044EFFD0AB1F75A76124A29917329855CDBF40384B4B64C6C4968B769FDF711094D1D08A1079FC48CD89907BBEBCDCFD08B0326EA825750152508F426D8CEB70A3E776F8FCF2088B5B7BA0F1E158C48B0A91FD6EFD86BCE33E4BA4822877852E098E38B94641C0E9A8A10D1E79F26A4417396A995519BBD6E512ECAF249A66906D45799626B15A4ADAD40ECC688FFC90E4DD3197C0DE66B40CF372AE477487B72889C43756A91155C2C92A7A72A722AC8DB308B396138CFE21FC8499ECDBB0CCB391988C73E2FF40271D6F7EA57B3D63B9DD07E70CAD736A598DABF30F2EAE2EA23504B030414000000080000002100B0A40D5EE40B00009F54000018000000786C2F776F726B7368656574732F7368656574312E786D6C8D9C6D531B391646BFCFAF70F9FB183736C64E11A694186C43707835816F0E34811AC094ED4976FFFD9A9764FB3C4FF79D6CD556054EDD96FA4A3A23B524B6FEFACFC37DED7B3E5FDCCD1EDFD7B346B35ECB1FAF66D7778FDFDED7CF4E77FFECD66B8BE5F4F17A7A3F7BCCDFD7FF9B2FEA7F6DFFB1F56336FF7B719BE7CBDAEA018F8BF7F5DBE5F2E9DDDADAE2EA367F982E1AB3A7FC71456E66F387E972F5E3FCDBDAE2699E4FAF5F821EEED7D69BCDCEDAC3F4EEB1FEFA8477F3DF79C6ECE6E6EE2AEFCFAEFE79C81F97AF0F99E7F7D3E5AAFA8BDBBBA7457D7BEBFA6EC59EDFA736CF6FDED753F62E8DB36E7D6D7BEBA5ECC95DFE6351F8776D39FD7A92DFE757CBFC7A95817AEDF9D5BECE667F3FC3D1EA57CDE7D0358BDD7DA9D6E1BC769DDF4CFFB95F1ECF7E0CF3BB6FB7CBD543367E95D69F2EA7DB5BF3D98FDAFCE5E18BA7E973B6B277EDE6AAAA57CFBF4DAB5FAF829EABFE7DBBB9B5F67D55DAD5EAFFABA05F91EBE591EB85C8EC57E40BFB5064EB641F8BAC45D62FB236D94E916D90ED1659876C50649B64C322EB928D8AAC47B687776F12EE034A663E014A6A0E002537634049CE6740C9CE21A0A4E70850F2730C28093A01940C9DA2074886CE0025431340C9D039A064E80BA064E8025032740928194AE8E9EB92A2C4BE2E394AE8EDEB92A484FEDE922C25F4F896A429A1CFB7244F09BDBE25894AE8F72DC95442CF6F49AA12FA7E4B7385CEDFD25CA1F7B73457E8FE2DCD15FA7FBB4255AD7255B58AA1EA2A409515A0DA0A507505A8BE025461457018C111A0247F0F5072BF0F28A9FF54841BD24B0F5AAFBF6E353625B1638409FC0C28593F0494AC1F014AD68F0125EB278092BB5340C9DD5994F5092225B1E78092D82F45D891C45E004AFA2EA30AA5145274F88E8AE363188B2EDF51ADA0CF77542B61A74FE8F51D950EBA7D4763D1EF3B2A1D74FC8E4A073DBFA3D241D7DF54411F80AAA0C715EF0B61B5CB85D52E3E589AE803A0B4C1474069823EA0E478075052BCDB0EDA6E10C161044728538505A8C2C26355584568C26ABF4DAFBA0D4DDE1825CA433F1761571E7A08283DE108505AF318502A740228AD790A28AD7916A57D824881E780D2265F00A54D2E00257D975185520A297A7C4F4721BA7C4F4721FABC1B0BB1EA42F4FA9EC6A2DBF7D476E8F73DF5193A7E4FDF173DBFA73E43D7EFA9CFD0F77BEAB303F47033569166CD8A39D646B9B236A23916A0CEB13650AA84F649257687549A687723E85583080E233862A1D2F27BA4D2F2FB78B07AAB08CD5B1B6F2BBFACA173977131CEBCC5FA48E821A9F4B52352E96BC7A452EE09A82E924F49A5D1CFA2F44F18AA2B44525D2292EA1A9154178951A5520A290680CFB9C2588C003718A8CDB9C2276308F89C0BD4E65CA036E702B53917A8CDB9D09B6DCEC536D26A8D2B5E1806EB941BAC13190C500DD6419D24197D503318A91AAC13B4DF2082C3088E58A81A8C540D8607ABC18AD00CD6A9365831CE0CC6FAA8C148D5606C1A351863D5608C558391AAC1A2F44F18AA0623558391AAC148D56051A5520A2906801B2C8CC5087083819AC1C2276308B8C140CD60A06630503318A8190CBDD90CC636328355BC300CB6596EB04D3C59AAF50154BFC97E24D55918A93A8C541DB619B4E02082C3088E58A83A8C541D8607ABC38AD01CB6F9DAE4CD867EBE1CB344A9ED6752E96D87A4F2E42352A9EE31A87E443E2195663D2595663D8BD23F61A8B4F93972A89FBD18AA0A23558545754A29A41800AEB0301603C015C63A6BF02EB1AA6640ACAE1912AB6C380EDA6A1B0E049DD6A47D624DCA27627DEF8322F6E564454661B26EB9C9BAA1C940CD64A0FA5DBE4FAA1FC148F52B5837E82283080E233862A1FA198C54BF8391AACA40CD65DDB7FF3036D44763C6E9B77B52FD784FAA5FEF49F5F33DA97EBF27D50FF8A4FA053F6A800943F5133EA9CA0CD43EE293EA57FCA85229851463C06516C6620CB8CC50679719B1C98CD864C68468BD3914AC6A1C0B365794C1603223369915B1CBAC22A39059AF5C66BD5066A02633509DE1F649A5A97648A5A5767B411719447018C1110B95F6DF239554EC83EAC4F913A8C9ACF7B6886B35F41BF0988F559B91AACD48D566A46A3352B519A9DA8C546D16B5C084A16AB322B5CFFB0C95E6B900D52D90CBA84E29851463C065C672ED0B3F82CD6608769B119BCD88CD66AC99D98CD86C466C3603769B119BCD281D5B6556B4077496352BCE8C3543A1119BD18875E3AA4F6C4E13AC520336AB857418D29114AC6213AC662336B5119BDBB2E60BF8B3D46EF268D59B60F59B60159C349624E558A2557182D571825572617B4C245835076C9E9360159DBCB59A2EAC584A31E6F070D949D9663B869BEE18EEBE136EC2136EC693EA99F2849BF3849BF4C8DD7AC24D7BE226F35E55E3507C5587658BA7656D8B8054F7084033ED917DC192F71DC1D2617789758B7CC09A99F7182CAF35122CEFB527581A649F45EBFA14D4B597FD6CE512EBA158B71E6B25DDEC50B078EB48B0598F589AF244B034E5A96049C959D85613D0F5A664EC9CCFB6BD038996A45D089696BE0C6B96528C393A4AB41746737894580FD8F610E2877378F82E82A4450B1F09D7D2F784EBF339447C3301D87713886DD95AF5EAF45DC511FF8C47D96DA2C7C3EC36D1E31970497B5FB08CA21DC1328A76817DA217D161484752B01EFD27B6C3FF7CB6F98EE7F44D78EB2FA0D76D68171F33D27DC75A093E142CA3EF48B0947D2C583AF88960E9DFA78225DD6761634C24583AC9B9E453BFCD49B49E5713AC27D6C29AA514630E8E12DFF19A830E6B8E8E12E1F1AA884FF3C87D9A47EED33CDE19F1691EB94FF3C87D9AC7DB2C3ECD23F7691E6EF5B8F52ADA86D6ABB82D90150FEE96580FD8ADD742C3EA46AA60DD4915AC5BA95974867A10D261484752B06EA70AD6FD543EDBAC175E2058D1978776DA0DED0763E6DA3622A4567A3244B01E0D11AC674304EBE11062DD773D15ACC743C2C69848B01E1001F6B52D83A50B5D089686BE0C2B96528C39364AA4175F2E60B43B0F9DA1C479E4EE3C72771E78C9D296DC9D47EECE032F711EB93B2FBE6E50955C3AAFE2C24186A3BFEE3C60775E1B43C59C07AC5BFA3B126DCE0BEF1E847418D291D44BF09ED4CB9C175E410075E7B5FFEF3C9BE921D7EE3C565A4F9248A5CD798C36E731DA9CC768731EB1392FBC9320C1E6BCF05A82049BF388CD79F1DD8418736C94382F8CE6D828711E3A4389F3C8DD79E4EE3CF012E791BBF3C8DD79E025CE2377E7C51716AA924BE755DC58C870D0586F5991EA352BD0753D94D327F6B52DB1AD6DC37B0B211D8674C482F5B0D01EB1AF6DC3CB0BA0256BDB8DB74C36744F67CC54EBE95FA9B32D6D896D694B6C4B5B625BDA3221B6B425B6A56D788D41826D69CB74DAD296D1B6B4E57BE929BAB06629C59843A3C478F1750646BBF18AD8AF6411DB9D2C62BB94C5A4FA593A499B5DCC126E57B358BCDDCD22B6CB591C072EBBDFB9DB90555C6EC8C2DB0DA4B675D1C15BCB6BF505CB6BED10AB1776B3E880F720A4C3908EA46079E73DC1F2D2FB7CB6C90E87B85D76AF571D9EA77732F4C652ACF4E0CF826DE382D8362E886DE382D8362E886DE382D8362EC22B0F0CD67372E7924FB31DA36DE382D8362EE27B0F31E6D828B15D7CF581D16EBBF8F243FC708E8E928D0BA6C5372EC87DE382DC372EE25B10C0251B17C06EBBDFB90791555C84C87030D9A676A036B5DBC45BDBB6058F44DB6296584F1013FB466D781D42826DA31615F7C91D6BA6078959B4F90EC1EEBBB76B11BDC666B357F89FBA0F89B7891E136F2B5B62BD2421586F49106B6F3C91F7B3932AC4765225BC2921C17652A5887D658B603B5F2CAFA5078CC38AA514638E9312F3C5372618EDE62BE292791EB0CFF3807D9EF72F772664A8F83C8FDCE77928DEE779C03ECF8BAF4D54E595E6ABB83891E114B3990FD4CCD7456792E07EC6F3D366BEF8EE04B19B2FBC3E21C1663E54DCCDC7F7B2232A28DACC17DFA1C8BABF673E24DECC870ABAF988CD7C7C3D3D852CD8CC17DFAA106CE60BEF5548B099AF88DD7CF1CD0A792D335F7CB722C61C2725E68BAF5730DACD57C425E60376F301BBF978FFC2CDC7A1E2E62377F3A178371FB09B2FBE635195D757F3AD15FEA8E5D3F45B7E309D7FBB7B5CD4EEF39B5550B3B1D2E6FCF56F60BEFC7B397B7AF9D76AD5FC75B65CCE1E7EFE749B4FAFF3F9F34FAD7AED66365BFEFCE1F94F6DFEFADBA2DBFF03504B030414000000080000002100E9FABBDF610100002C0200000F000000786C2F776F726B626F6F6B2E786D6C8D514B4EC33010DD730A6BF6341F2511AD9A56E2272A216001EDDAC493C6AA6347B643DA137006F62C100B2E80C469A8C4317052A5C08E95E7BD99F7346F3C9EAE4B411E501BAE640AC1C0078232538CCB650A77B7E78747408CA59251A124A6B04103D3C9C1B8517A75AFD48A38BD342914D65623CF33598125350355A1749D5CE9925A07F5D2339546CA4C81684BE185BE9F7825E512760E23FD1F0F95E73CC35395D5254ABB33D128A875DB9B82570626E39C0B9CEF02115A5557B4746BAF0510418D3D63DC224B21725035F887D075755C73D182D88FC19BEC43DE68C230A7B5B0B76EB5DEDD9D2B8CC2306927DBA939C7C6FC885A48D60B2E996A52082377D94D8F821848D3D50BCE6CE188C41FEEB90BE4CBC2A6304C12BF35F77EB977F7EB5F22BB709FEFAFDBA797AFB78FEDF3A3FBADB6337329021769C45DA1672CE87C7A714645E632B54F37184671300492D7429C38EE5A5E2ADA19B4A23ECFE41B504B0304140000000800000021008D5AB96F41100000252E000014000000786C2F736861726564537472696E67732E786D6CAD5A5B771A47B67E3FBFA2979EE6AC13241A6840B36C4FEC3899788D33F1C49933398F18B5244E04D200CA8AE709192140E226EB2E9010BA5B8A4058171037AD35E7FDFC880955DDFDE4BF30BBBA1096A84252329364C5B8EBBE6B7FDFFEF6EE7EF0BB1FDD23C20FB2D7E71AF53CEC117B8D3D82EC718E0EB83C430F7BFEFCED17067B8FE0F33B3C038E91518FFCB0E7B5ECEBF9DDA3FF78E0F3F90518EAF13DEC19F6FBC77EDBD7E7730ECB6E87AF77744CF640CBE0A8D7EDF0C35FBD437DBE31AFEC18F00DCBB2DF3DD267321AAD7D6E87CBD3233847C73DFE873D56ABD4238C7B5C7F1D973FA34F4C36A9E7D1039FEBD103FF23B4BD87D66794BD596563BE593D402BFB6ABE81B6C3CDCB1C9E28A8B9FD0FB5084A45702485178E713CFFA1167DD0E77FF4A08F0CA753E0680015D7517CA1598FE38DB05A98BAAD074AC595BD635E8FCC3EED41B781A6425A705FA92DA264A9B3F7F58DF2E753678A78B14B1BDD8D7A36892B29B55E6FD6E79462158C7077BFDBF6C4E97DCBEA2D5BE8F3694BFBFC03A2C814EC0C965336269803EA87C76B3BB0DC6DE621478B1C76F640892C0AD47ED32C875128F89FCCF8CA1ECA1CA3749D335299CF92E6C8B916D8400BCC4DA36A453DDDC54B3B389365B6BC3789376A6068DE8D96ABEAEE049E0EE04C01C7C2E046FC1E683AAB06EB5DDA8E76C18FB5CD299465D6A63DD4D323A59E57AA49F5F4826F3A9C89A3E91CDC0BCA5FB047DFC7919296AB2AD91DE6DCC9376A2088E7CFC9CC1B6114662CA36D4E2A955D3ABF529F456B01668E8B531CA8AA97293517C3990A5E3AE7F5D027E037E3E5024AED028EF05909854E94F4AC92CFC1186D25052762264B379428636625C3B81A2ABF61FDE792B9DDDC923631C73C9D98574EAACD4A8535E6995A58E33C454729ED4D5EC91719030656D57C8138266B3A1881E72FBB204537A8327D8E03ECD14265F047426EEB99CE3693F8CAF16AD0F94A1A7498060645EB80681A1830D9E1A928D9EC9295B5FE11D962F8142F1EAB13B1667995BA3361D8A3DDCEDE2F8DF41FD1C4CCB3B002FD9BE5042565A55A03FE45F975ED20862E4E50926194671EBF3CE475F8E501C12F3B9CC3105D0488298257F6C90EAF7358181B71F849C460565ADAE0C01BCDD66165D802FCA7AD6C76F6E8EF27DB668CAC238B45DD1C80865963761D6D31C4F2F8C9130835EA4C52AB269AE5454E9C3181B10C4693C1C498ECD9374F04AB8DB3ABF081325F44955DC1F6A196564FB340CC826811BE1F82BF6AE138DA8EA3FC2A10B1F0F7A2B1D728096EC646B0FF662581572A403B94F57E0E4C803F0302513CD9AC67D0DB18D8119E809F2BD52CB9B177E7707BF41A7F0E30D8A19195DC2F1DA0DB5A499701B1A8B4A3ECCF90C1BAE77C4260BE794C9FB24C550192273B09ECC1DEF0D98C5A58E8423A9114F0264A25D0EE1B2D1340C9457C1EF9508BA985921A3E41C7B3389942D1B860B208E83809C4027E0C1C072B28D549CE09B84B7FA8AD9AC1313ED4D7EDF00784953E2D77A1A4199F2082C6078A665C82EEA65E7960BC57FED1E11E1B91FB7CC30EAFDCD71D19406E6CA89A45F1250E695134F2A80B1CBB92514B05B3951387D47C590D4CA072A4B3C168B7890649928C36C962071710CD3A0EC8DF3ABB3A473D7E87D34F9A3EBD3A253D61AF739471B0F609DA3BBE7D8756C9683549CC718FB650B9CC20C6225A5F394C76A3D82FD9CC26EB2B49349BCD2647BFD5FE4A94A5016696F47B6D6D11F80B22239ACA0085B5BC53776A0E19BCBCBA2A0BE37987CBA83005D053276781D5B570584B4F518FEFECFAA56B685818903D3E97FFB5F0F9E7BF177CAF7D7E9965ABAD00A1C05895F05290611563BFD16C645C46692440C7303E5029E195BC7A19512F0F589631590C469B41646CFCF2B5E7B17BCC277CF32D335FA106814E3049569D5740BE94944418FE2E7CFFE5DFE0114A42608EE1A31D255343D32C21EA1CA3E6B70174CACE3AE8137030652DA76436805DC0808407123B28B9452F820349741954525360994F50B6A2E402D44C8C775FBB0B3614967026AA8652EA6A00700D3BC0F30D743C497FA35A45D99A80DFCA2A88B8129A9B00F26856665028A2164EF17202E804670E60EBE4A093C966398E1A4B1A4CB215E06CF7FA468038449D374C569D36F8DAE6066D8824F1E1D306C7154116FD82D95C6EC7D0F5D97AFF776C888F130EB96895B75A258B628CDC419134C00AA4006824402007D75A307137F3986F308FB93BF3983F6D1DED5ECC73759CF6F6EFDE2ED090D9CC9A7ABE80DFCEA2D424C95B74F942838020DA04F8459C047AC426507216524B355F81244D90FA05A510E67849EB124C2213D8F1650085A25ABAA43620C9D9C3C7F338B10971884F308FFDEE51DFD8B0EC75398511D780C3CB003051409B41D0CB3005CA6F333760335A8CCC59D59D4B486794445A7957D1964E396AC568308A1C1EF9EAC57383E50973A4934D6DE15210E1EE048F1B48839E482DAD29BB55C1D82B4A0011B351F89EB4D1A7901FAA8D7DC234B65ED02E5DA40BD8A672AE06813526D4F0113E2670D6B612088238904BE3425988A1E21BC2D7A014F43579FC92395652411A0D9836FD02DA33A1F5374AFA94CEC438F9EE22FE29D72C4F03C8219182AC094D6FA0EC859A3F4217E7204C803468AB5A98205C0A04B251020ED1354609E50ED1D40ADA9BC7D165C8A079FBECBE17E019890A14D1F46F51281CBF448D50F3929990EF00C297DF91053862DA62358A16A3D5623399AD1693ECB088FDF0AFD9F8CA2C3B06C54136C825A2B87280775621AD0701AF44DF01FDABF102F03949FD423FA124230DFEE74F10E844033D0943246AA1009914085182B2C02A91ACBAC8E327204F5C7E41F67A47BD02C942F4DC6374CCEF723A4604A01DF7B8077EFA5DA31E484F20B0B3E8DB98073EA00BF002BB05023B833EF01B3C7309D7CDCC1629E2C582B29BE4047638AF64606FED8B6F9FFC68B0DBC1EC6CCE9925F0329B84DFBFEAF3E90EB90A942858083EA7172196A3FC05D8986E5EA0E4062C875287283183A6D324E0A71B7C64826DF17E0EAD2D11401E2EC35ACDF27B4855B5B906883F7A05B03A4930F4A5E8221CA7A75933DC56EBAAF4E4818DEFADD5DA13F353866EFD003E168A9E1678A80CB8153C6612763AC073BBE35157E64456A5B28972F39CC80A9C0407266AD96EE7C429B4B37A6758952CD7C3AAC4F85A3BAC4A964F5BE7BA4F586D9FA5BDF73BF60A31D56266D0AD1BCCDC32181B85CE43E03B782182CFDF4312A946DFABC7C5669591B57F1EF17B1D866122B5C764AF5E3FF6386508877F1D770D08CE61EFA8DBE11F1DF23AC68659ED3285D75B2EDE2C1F81D4646C291A25567BA3D079B3BAC829E3706A02A851E2E874F52CAD5597B5ADF56679111DCF53F37DA84520EEC273BCBEC4AD121063D93930FF6F87070EEB1B16BE18917F6473DA0009813A6805388EF0D50B0701F9D904E012C2AF51240A55703FEF73BB3CA4418F4990060B4F1F3FFDAF2F9E3FED22EAE305A0633DE266012D44496FBF5326CF9B953D780E629AD47877AB8469F3AB5A38496DCD0B6CB145A2EE613EF2079D8D86633EDC81FB49FE0EA1207508F3EAC26695942ECA473432109789A4C87A7A131B014AB42AD02C479BE50354DA69D6337869875614880174F86B99003ED907FD4F8BDD246B583886F5C80F7D76949C46F1A2B6F24ECF2338A504CE36DB1981F93AD3C09ADD364F06486480E55FA7A6AE48530E37EE6612D30D266120F191494CF760921BFB6164242AE595ED0A8E1EE264124CA7048F38B07FEA1A1C94BDB2C7EF8260EC733A3C1E521D84C83CEA75B9655E30D6553B0A159B95437EB407B0F773126D181461B23642179CF47B7B0F1517E85B0A2E7C499DAF9F39CACBCF0C56562CE1F23B5265880551FA54308876E20636C8BCFF3119D49371621865E20C2F24491D1074B4F0FFB5BF909C1CF2E4CA252D02826F02E649031FC54AA2AABC0D0204D53A68A965929D4FCDABEB71A53A875788B006554D5A0B4554A8E14C1642B65229103DDD821DEBF76B29BCB84201FC09C5362DF3B510CEC6C51B3BA0876E839AEE86ACAA6F88B602F2C8D127E7F800BF65462623BFC2DF7DD621834DFA60FBBF0D8B8CEFDF329CE6EF3787F37278F5ECEC6E38DFC8B7A5EEF9B664FE85701699B95AEEDDCE0AC42ED930AFF837DF0009A81C45494E789452827B703FCA1B2634BE1C7378BF276F037C6E87E0737900FE840D06C7BD1E875366023581C65E8B0FF4A2929A6FE04506CDF405055E9F500E0B782DD7AC9ED39715EA5688FB4AE088E411D90A64949D6DE037BC3C7B26894AEB385640294E926D920C46200C1B53547C010AC0C854EA6898A78E2B98200F6CF1442BF09B2448B0FF483C3D9385B45E9084170E3E25682BE7CA5C8904F6F02C2AAE131002084088BF8D91B70A60101DE1E8F290E410FA8DDC490353E764329D06F8415D790FD1F290CE46E25F9D29C8B23D008F56AADBEDADE0F853EED766BC3CDFCB14EF2E5BD96E94AD98BBFA58B6B2DDA3604E6004FA8EEE88998B265268AA84A6AA441B83F10114974150195C49EC84D8E8750D8E0F31FE4FAF8026A7BCB4541401CDCCA08B654E14A61B361BD8FE9F7DFB0770D3CFF86E0ACC4CC4A7A89F54F08EE955A14C80A0523F13F1581B6DFCBFA521BD64B407AE2D5025443C9BEFBBCDCAAA529D5283EB4A95E84FE2BB4B215C78ABABD3457C12231F2F901076A2144FB4CD25E5FD5B2A53B9B9A75E6F684B5336D6B726246A32C964031DCD8C90BBC357BB458EEEFE71AFC8F171382F72E83C6E69F5E87CFB43BEDBF9AD6F0CFCEA61CF187903EBFD41EE7944DEAB41060F96C2A75562DD50942877006830496B963F070242E742CF3CC20FAE1F46DBC514B24142D8DCF723DD16D65745F522AC44F51C6F25A2E89828DB65C666ADA09E1D423A06391B6F2E6A1C50709DCEDE65BE3F424EEAFFFA2FCF8567CF78D3B513AD16691BEC579C4DCD472A32E124916F287940981C4CBB750C0915A01F7E7449CBDE5C2ACBDB44B84D667196383B8948E90D52946E34C83B8EA50D144993A20B4D6482495E4E76ED55CB5566D6C603730EFDE2D5F81E29B0E833DEDD8381C3DDAF46BA6AA96E0EFBE84ED78484BB598981ACE564DBAC7B3101FF9ABB74B65DBBFAB6EE61328B56ECE9670BE9A4B2192ADEF669847ABA864233385D439539524088321FF5988CA26410450E357F0DA8039DF4D5E3EF0CDFBDB89DA0A55B08DA0EA6BF3F41DFF73517C71AD703EE8D8296A57B41CB62B9C77B22BAA4681499940C35F2FAAB49F23DD8551132AC06EBA4907B10E384DCCF4764A7DF3BEA969DC30E8FCE69E31E17F940127E91E2306137B7FE090B138E5B4912FCBFB4C3FF32C5485EB930B2599D29F252D0E913940D725C12E6E82755621393683EFF0602F11F841723E33E8E37C09DD353933BBF5291283CA5E4F234EF9404A5B2A75790B3F481512F2981EB086E77ABA8A485E2E055CD7A029CA4F54E2A5F140C36BD1622DD12D1DB2214E5664150EA81FCA308C533D166AD4C1E266694DA3BFD756E01A7DF13DA8B1EA04898EEFC2E7D7ADBD728740328BF0D3BA7CB5DCDD9DA127DD8FE6084E6AD741415E41DA35A13EA1BA60FEFBB64D7EA51B78DC000933E40BAFE56482F1EF0B7473F758101FD1D2BB09BE6A7D2BF527FF320A8BDBD87FEEEBF4107CC1C1FE9A0FF1EFABBB51791CD05503E8AE3A5666D97166AF9C99A9543B522584778E61974795CFED7B7576601059D95598A235E69F6C5D3C7BF926079C76BB5486C0B58596403D78D53B5E3DBB5C3F7F97CFE47FF04504B0304140000000800000021001ABC1AC98F010000630300000D000000786C2F7374796C65732E786D6CA593516BDC300CC7DFF7298CDFDBDC1DACAC23491F0A07856D0C7A85BDFA622567B0E5602BC7659F7E729C267730E8439F2CFF25FD245B76F97471569C2144E3B192DBFB8D14808DD706BB4ABE1DF677DFA488A4502BEB112A3942944FF59732D268E1F504408209182B7922EABF17456C4EE054BCF73D207B5A1F9C22DE86AE887D00A5634A72B6D86D360F855306655DB61E298AC60F48DCC42CD465FC2BCECAB2B295455D36DEFA2088F190825841E520473C2B6B8EC124B155CED831CBBB244C1DCD71CEA00F492C728569899C64AC5D1AD8C92CD465AF8820E09E3762B60F63CFE5912F2363A6B80FA2BBA0C6EDEEEB55C2B470DDA30F9A2FFFFAE859AA4B0B2D714230DD29ADE4FB223989BC63431BD579543621DF336683B10D58FB9A26F4A7BD615F5A8183DB3B7AD195E451A7D3BF9BDCD06C664CDE24FE352DB33F8D1597F696BFA0A74237F4451569DE95FC959E945D11E238184B06FFD33033F565ED75F2923AF2CBBDA9C20C0DAD1A2C1D16672557FB276833B8C725EAB7397B9AA356FB479AD4F661EA60FD1EF53F504B03041400000008000000210018FA4654B0050000521B000013000000786C2F7468656D652F7468656D65312E786D6CED594D8FDB4418BEF32B46BEB78E133BCDAE9AAD36D9A485EDB6ABDDB4A8C7893DB1A7197BAC99C96E7343ED110909511017246E1C1050A995B8945FB3500445EA5FE0F54792F166B2CDB68B00B539249EF1F37E7FF81DE7EAB5073143474448CA93B6E55CAE5988243E0F6812B6AD3B83FEA59685A4C24980194F48DB9A12695DDBFAE02ADE5411890902F2446EE2B61529956EDAB6F4611BCBCB3C2509DC1B711163054B11DA81C0C7C0366676BD566BDA31A68985121C03D7DBA311F5091A642CADAD19F31E83AF44C96CC367E2D0CF25EA143936183BD98F9CCA2E13E808B3B60572027E3C200F948518960A6EB4AD5AFEB1ECADABF69C88A915B41A5D3FFF9474254130AEE774221CCE099DBEBB716567CEBF5EF05FC6F57ABD6ECF99F3CB01D8F7C1526709EBF65B4E67C653031597CBBCBB35AFE656F11AFFC6127EA3D3E9781B157C63817797F0AD5AD3DDAE57F0EE02EF2DEBDFD9EE769B15BCB7C03797F0FD2B1B4DB78ACF4111A3C978099DC5731E993964C4D90D23BC05F0D62C0116285BCBAE823E51AB722DC6F7B9E803200F2E5634416A9A9211F601D7C5F150509C09C09B046B778A2D5F2E6D65B290F4054D55DBFA28C550110BC8ABE73FBC7AFE14BD7AFEE4E4E1B393873F9F3C7A74F2F02703E10D9C843AE1CBEF3EFFEB9B4FD09F4FBF7DF9F84B335EEAF8DF7EFCF4D75FBE3003950E7CF1D593DF9F3D79F1F5677F7CFFD800DF1678A8C307342612DD22C7E880C7609B4100198AF3510C224C2B143802A401D8535105786B8A9909D72155E7DD15D0004CC0EB93FB155D0F233151D400DC8DE20A708F73D6E1C268CE6E264B3767928466E162A2E30E303E32C9EE9E0A6D6F9242265313CB6E442A6AEE3388360E494214CAEEF1312106B27B9456FCBA477DC1251F29748FA20EA646970CE85099896ED018E232352908A1AEF866EF2EEA706662BF438EAA482808CC4C2C09ABB8F13A9E281C1B35C631D39137B18A4C4A1E4E855F71B85410E990308E7A0191D244735B4C2BEAEE62E844C6B0EFB1695C450A45C726E44DCCB98EDCE1E36E84E3D4A8334D221DFBA11C438A62B4CF9551095EAD906C0D71C0C9CA70DFA5449DAFACEFD030322748766722CAAE5DE9BF314DCE6AC68C42377EDF8C67F06D7834994AE2740B5E85FB1F36DE1D3C49F609E4FAFBBEFBBEEFBE8B7D77552DAFDB6D170DD6D6E7E29C5FBC72481E51C60ED594919B326FCD12940EFAB0992F72A2F94C9E4670598AABE04281F36B24B8FA98AAE830C22988717209A12C598712A55CC249C05AC93B3F4E52303EDFF36667404063B5C78362BBA19F0DE76CF2552875418D8CC1BAC21A57DE4E985300D794E6786669DE99D26CCD9B500D0867077FA7592F4443C6604682CCEF058359582E3C4432C2012963E4180D711A6BBAADF57AAF69D2361A6F276D9D20E9E2DC15E2BC0B88526D294AF67239B2A4BA42C7A09557F72CE4E3B46D8D609282CB38057E326B40988549DBF25569CA6B8BF9B4C1E6B4746A2B0DAE884885543B584605557E6BF6EA2459E85FF7DCCC0F176380A11BADA745A3E5FC8B5AD8A7434B4623E2AB153B8B65798F4F14118751708C866C220E30E8ED16D9155009CF8CFA6C21A042DD32F1AA955F56C1E957346575609646B8EC492D2DF6053CBF9EEB90AF34F5EC15BABFA1298D0B34C57B774DC93217C6D646901FA8600C10186539DAB6B85011872E9446D4EF0B181C7259A01782B2C854422C7BDF9CE94A8E167DABE05134B930520734448242A7539120645F9576BE869953D79FAF3346659F99AB2BD3E277488E081B64D5DBCCECB75034EB26A52372DCE9A0D9A6EA1A86FDFFF0E4E3AE987CCE1E0F1682DCF3CC22AED6F4B547C1C6DBA970CE476DDD6C71DD5BFB519BC2E103655FD0B8A9F0D962BE1DF003883E9A4F940812F152AB2CBFF9E610746E69C665ACFED9316A1182D68A785FE4F0A939BBB1C2D9678B7B73677B065F7B67BBDA5E2E515B3BC8E4ABA53F9EF8F03EC8DE8183D2842959BC4D7A0047CDEEEC2F03E0632F48B7FE06504B030414000000080000002100B7C47716240100005002000011000000646F6350726F70732F636F72652E786D6C9D92CD6AC3301084EF7D0AA3BB2DCB815084ED405B726AA0D09496DE84B47144AD1F24B54EDEBE8A633B09F894E36A66BF9D5D54AE0EAA4DFEC0796974854896A304343742EAA6421FDB75FA88121F9816AC351A2A74048F56F543C92DE5C6C19B33165C90E09308D29E725BA17D089662ECF91E14F35974E828EE8C532CC4D235D832FEC31AC0459E2FB182C0040B0C9F80A99D8868400A3E21EDAF6B7B80E0185A50A083C72423F8E20DE0949F6DE8952BA792E16861D63A8A93FBE0E564ECBA2EEB16BD35E627F86BF3FADEAF9A4A7D3A150754978253EE8005E3EA125F17F1702DF361134FBC93209E8E519F791B1639F7814862007A8E3B2A9F8BE797ED1AD5455E2C5342D2A2D8E6055D2C694EBE4F236FFA2F40350CB99B3802CEB96F3F41FD0F504B030414000000080000002100EAABF387920100001603000010000000646F6350726F70732F6170702E786D6C9D52416EDB3010BCF71502EF3165A3080A836210380D7248500376D2334BAD2C221449703782DD0FF40DBDF750F4D00F14E86B12A0CF2825C38A9CF4549E666707C3E172C5D9B6B1590B118D77059B4E729681D3BE346E53B0DBF5E5C93B962129572AEB1D146C07C8CEE41BB18C3E4024039825078705AB89C29C73D435340A27A9ED52A7F2B15194CAB8E1BEAA8C860BAF1F1A70C467797ECA614BE04A284FC260C8F68EF396FED7B4F4BACB8777EB5D487E529C87608D56941E296F8C8E1E7D45D9FBAD062BF8B82992D10AF44334B493B9E0E352ACB4B2B048C6B2521641F067425C81EA66B65426A2142DCD5BD0E46386E6739ADA8C659F144217A760AD8A4639627BD9BEE8B10D48517EF4F11E6B0042C107B28763ED189BB772DA0B123816F22148C2C711D7862CE0876AA922FD23F1749CB8CFC046191F7FFD78FAFAFDCFCFDF4FDFBEBC4A79B8EFC50D0BDF04E5D218F980AE8DBBC7DBB0F6178AE030D46352AC6A15A14CFF300C7D20C4554A176DA75FD4CA6DA03C685E37BA15B8DBAFB99CCE26793AFDCF1F38C19F375AFE05504B0102140314000000080000002100615D493A4F0100008F0400001300000000000000000000008001000000005B436F6E74656E745F54797065735D2E786D6C504B0102140314000000080000002100F29F49DAE90000004B0200000B00000000000000000000008001800100005F72656C732F2E72656C73504B010214031400000008000000210044755BF0E8000000B90200001A0000000000000000000000800192020000786C2F5F72656C732F776F726B626F6F6B2E786D6C2E72656C73504B0102140314000000080000002100B0A40D5EE40B00009F5400001800000000000000000000008001B2030000786C2F776F726B7368656574732F7368656574312E786D6C504B0102140314000000080000002100E9FABBDF610100002C0200000F00000000000000000000008001CC0F0000786C2F776F726B626F6F6B2E786D6C504B01021403140000000800000021008D5AB96F41100000252E000014000000000000000000000080015A110000786C2F736861726564537472696E67732E786D6C504B01021403140000000800000021001ABC1AC98F010000630300000D00000000000000000000008001CD210000786C2F7374796C65732E786D6C504B010214031400000008000000210018FA4654B0050000521B0000130000000000000000000000800187230000786C2F7468656D652F7468656D65312E786D6C504B0102140314000000080000002100B7C477162401000050020000110000000000000000000000800168290000646F6350726F70732F636F72652E786D6C504B0102140314000000080000002100EAABF38792010000160300001000000000000000000000008001BB2A0000646F6350726F70732F6170702E786D6C504B0506000000000A000A00800200007B2C00000000');
CREATE TABLE federation_hold (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	run_id INTEGER NOT NULL, 
	read_id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	live_before INTEGER NOT NULL, 
	reasons JSON NOT NULL, 
	opened_at DATETIME NOT NULL, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	finished_at DATETIME, 
	note VARCHAR, 
	CONSTRAINT pk_federation_hold PRIMARY KEY (id), 
	CONSTRAINT fk_federation_hold_run_id_federation_run FOREIGN KEY(run_id) REFERENCES federation_run (id)
);
INSERT INTO "federation_hold" VALUES(1,'330000','institutions',7,7,'absence','open',3,3,'[{"code":"deletes_everything","zh":"3 条记录将全部消失","en":"all 3 records would disappear"}]','2026-11-22 02:36:02.289238',NULL,NULL,NULL,NULL);
INSERT INTO "federation_hold" VALUES(2,'330000','survey',8,8,'absence','open',12,12,'[{"code":"deletes_everything","zh":"12 条记录将全部消失","en":"all 12 records would disappear"}]','2026-11-22 02:36:02.370808',NULL,NULL,NULL,NULL);
INSERT INTO "federation_hold" VALUES(3,'330000','instruments',9,9,'absence','open',12,12,'[{"code":"deletes_everything","zh":"12 条记录将全部消失","en":"all 12 records would disappear"}]','2026-11-22 02:36:02.460313',NULL,NULL,NULL,NULL);
CREATE TABLE federation_hold_item (
	hold_id INTEGER NOT NULL, 
	native_key VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	CONSTRAINT pk_federation_hold_item PRIMARY KEY (hold_id, native_key), 
	CONSTRAINT fk_federation_hold_item_hold_id_federation_hold FOREIGN KEY(hold_id) REFERENCES federation_hold (id)
);
INSERT INTO "federation_hold_item" VALUES(1,'123302824500232269','33-u-ivimm2fe4vso','waiting');
INSERT INTO "federation_hold_item" VALUES(1,'12330302430001775Y','33-u-fjggqu24vig2','waiting');
INSERT INTO "federation_hold_item" VALUES(1,'91330502MA001QHD8R','33-u-nppaiov3ahbd','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'123302824500232269|S000000122','33-fuk3wvhqbeyx','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'123302824500232269|S000000217','33-4ihe7nnzlcqe','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'123302824500232269|S000000417','33-jps4z4sicijx','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'123302824500232269|S000000519','33-eapwajk7e6m7','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'123302824500232269|S000000722','33-h26l2lhtyfc6','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'123302824500232269|S000000910','33-wigyll734fzs','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'12330302430001775Y|S000000314','33-3gmb2ut2mjtc','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'12330302430001775Y|S000000625','33-l6izvhtukz4b','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'12330302430001775Y|S000000812','33-ynhevpqqrbsr','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'12330302430001775Y|S000001018','33-23pkh33klyuk','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'12330302430001775Y|S000001125','33-vuygww653kt5','waiting');
INSERT INTO "federation_hold_item" VALUES(2,'91330502MA001QHD8R|S000000023','33-fukmtizyu6fq','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'123302824500232269|S000000122','33-fuk3wvhqbeyx','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'123302824500232269|S000000217','33-4ihe7nnzlcqe','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'123302824500232269|S000000417','33-jps4z4sicijx','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'123302824500232269|S000000519','33-eapwajk7e6m7','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'123302824500232269|S000000722','33-h26l2lhtyfc6','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'123302824500232269|S000000910','33-wigyll734fzs','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'12330302430001775Y|S000000314','33-3gmb2ut2mjtc','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'12330302430001775Y|S000000625','33-l6izvhtukz4b','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'12330302430001775Y|S000000812','33-ynhevpqqrbsr','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'12330302430001775Y|S000001018','33-23pkh33klyuk','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'12330302430001775Y|S000001125','33-vuygww653kt5','waiting');
INSERT INTO "federation_hold_item" VALUES(3,'91330502MA001QHD8R|S000000023','33-fukmtizyu6fq','waiting');
CREATE TABLE federation_province (
	code VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	failures INTEGER NOT NULL, 
	open_until DATETIME, 
	last_contact_at DATETIME, 
	last_failure_at DATETIME, 
	last_error JSON, 
	last_complete_at DATETIME, 
	CONSTRAINT pk_federation_province PRIMARY KEY (code)
);
INSERT INTO "federation_province" VALUES('340000','connected',0,NULL,'2026-11-22 02:36:02.508828',NULL,NULL,'2026-11-22 02:36:02.523468');
INSERT INTO "federation_province" VALUES('530000','connected',0,NULL,'2026-11-22 02:36:02.012964',NULL,NULL,'2026-11-22 02:36:02.053042');
INSERT INTO "federation_province" VALUES('330000','connected',0,NULL,'2026-11-22 02:36:02.412655',NULL,NULL,'2026-11-22 02:36:02.246359');
CREATE TABLE federation_quarantine (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	native_key VARCHAR, 
	raw_hash VARCHAR NOT NULL, 
	is_duplicate BOOLEAN NOT NULL, 
	position VARCHAR, 
	reasons JSON NOT NULL, 
	mapping_version VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	first_run_id INTEGER NOT NULL, 
	last_run_id INTEGER NOT NULL, 
	seen_read INTEGER NOT NULL, 
	raw_run INTEGER NOT NULL, 
	raw_number INTEGER NOT NULL, 
	resolved_at DATETIME, 
	resolved_why VARCHAR, 
	CONSTRAINT pk_federation_quarantine PRIMARY KEY (id), 
	CONSTRAINT uq_federation_quarantine_province_resource_raw_hash UNIQUE (province, resource, raw_hash)
);
INSERT INTO "federation_quarantine" VALUES(1,'340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000001211','76f9d202ff12ca52e1773bdc87144f385f14234db95c814fb87c5f4aac194d45',0,NULL,'[{"pointer":"/original_value_fen","code":"too-small","zh":"「原值」太小，不得小于 1 分，请核对数值和单位","en":"“Original value” is too small: at least 1 fen; check number and unit","value":-51030000}]','1-2207adbb','open','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',1,1,1,1,4,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(2,'340000','instruments','6f270853840b38f1b1694aaedc3f0b0a|20250000005','54c7be9f783786cfbb3c142b9e5e8b6ccc58bc5e9e184e66a21d507dd0f9bcb1',1,NULL,'[{"pointer":"","code":"duplicate-key","zh":"与先到的记录主键相同而内容不同；以先到者为准，请来源平台改正编号","en":"same key as an earlier record with other content; the first one stands, the platform has to correct it","value":null}]','1-2207adbb','open','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',1,1,1,1,8,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(3,'340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000001407','8f1ea7ad7b49a8239ab9f143bb86e377d8cfb47317ecdfdc66e67af1eff1d1da',0,NULL,'[{"pointer":"/classification","code":"unknown-class","zh":"分类「660500 未列入的仪器」不在 most-2006 中，也没有对照；请核对编码，或在 vocab.csv 的 classification 表中补一行","en":"class “660500 未列入的仪器” is not in most-2006 and has no crosswalk; check the code or add a row to classification","value":"[''660500'', ''未列入的仪器'']"}]','1-2207adbb','open','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',1,1,1,1,12,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(4,'340000','instruments',NULL,'1269a7805a65cc4800eb1144831723a32d5a46fb1f9cd7674474a6e7c9efb253',0,NULL,'[{"pointer":"/internal_number","code":"missing-key","zh":"缺少单位标识或编号（或其中含有「|」），无法识别这条记录；请补上后重报","en":"the unit or the number is missing (or holds “|”), so the record cannot be identified; add it and send again","value":null}]','1-2207adbb','open','2026-11-22 02:36:01.565830','2026-11-22 02:36:01.565830',1,1,1,1,16,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(5,'530000','instruments',NULL,'fc03f7016a7798d9833701bd806c69d4ae247db9daa649f61afbef50caa66d0c',0,NULL,'[{"pointer":"/internal_number","code":"missing-key","zh":"缺少单位标识或编号（或其中含有「|」），无法识别这条记录；请补上后重报","en":"the unit or the number is missing (or holds “|”), so the record cannot be identified; add it and send again","value":null}]','1-a495d9e3','open','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',3,3,3,3,4,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(6,'530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2023-0000013','f4980bdd118985c7b2a02e6df365bb4f9a767fba380fd74b7e6c66235ff8b179',0,NULL,'[{"pointer":"/original_value_fen","code":"too-small","zh":"「原值」太小，不得小于 1 分，请核对数值和单位","en":"“Original value” is too small: at least 1 fen; check number and unit","value":-103910000}]','1-a495d9e3','open','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',3,3,3,3,8,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(7,'530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2024-0000008','35f9c91ca341f86071b2e3b91bcde9b52af6b72536fc6558628284b08fde8292',1,NULL,'[{"pointer":"","code":"duplicate-key","zh":"与先到的记录主键相同而内容不同；以先到者为准，请来源平台改正编号","en":"same key as an earlier record with other content; the first one stands, the platform has to correct it","value":null}]','1-a495d9e3','open','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',3,3,3,3,12,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(8,'530000','instruments','2416ba2801957326b513332a968b1e5d|S000001525','bff80871e9213f996755e7a010c829f6539dd45021f341e4ba7c80c83f0c5a1a',0,NULL,'[{"pointer":"/classification","code":"unknown-class","zh":"分类「550102」不在 most-2006 中，也没有对照；请核对编码，或在 vocab.csv 的 classification 表中补一行","en":"class “550102” is not in most-2006 and has no crosswalk; check the code or add a row to classification","value":"550102"}]','1-a495d9e3','open','2026-11-22 02:36:02.012964','2026-11-22 02:36:02.012964',3,3,3,3,16,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(9,'330000','instruments',NULL,'612cc3a61db6dcc71804efc92fa682b363e76fa0f1f511898b92ff2d609cf248',0,NULL,'[{"pointer":"/internal_number","code":"missing-key","zh":"缺少单位标识或编号（或其中含有「|」），无法识别这条记录；请补上后重报","en":"the unit or the number is missing (or holds “|”), so the record cannot be identified; add it and send again","value":null}]','1-a6bd9998','open','2026-11-22 02:36:02.220701','2026-11-22 02:36:02.220701',6,6,6,6,4,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(10,'330000','instruments','123302824500232269|S000001319','0f4762389dd2c56b5ca526b1f08996b07dc32fef0cf11efc371188037561b652',0,NULL,'[{"pointer":"/original_value_fen","code":"too-small","zh":"「原值」太小，不得小于 1 分，请核对数值和单位","en":"“Original value” is too small: at least 1 fen; check number and unit","value":-71830000}]','1-a6bd9998','open','2026-11-22 02:36:02.220701','2026-11-22 02:36:02.220701',6,6,6,6,8,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(11,'330000','instruments','12330302430001775Y|S000000812','15050cdd30ab37eee202bb4fed3c47ded6f7fa45b53c373d551284c96f299df4',1,NULL,'[{"pointer":"","code":"duplicate-key","zh":"与先到的记录主键相同而内容不同；以先到者为准，请来源平台改正编号","en":"same key as an earlier record with other content; the first one stands, the platform has to correct it","value":null}]','1-a6bd9998','open','2026-11-22 02:36:02.220701','2026-11-22 02:36:02.220701',6,6,6,6,12,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(12,'330000','instruments','12330302430001775Y|S000001525','60c41faf78b4679e5ae7b8c032a86b7e388120b7a042215979555f8e07b81c01',0,NULL,'[{"pointer":"/classification","code":"unknown-class","zh":"分类「550102」不在 most-2006 中，也没有对照；请核对编码，或在 vocab.csv 的 classification 表中补一行","en":"class “550102” is not in most-2006 and has no crosswalk; check the code or add a row to classification","value":"550102"}]','1-a6bd9998','open','2026-11-22 02:36:02.220701','2026-11-22 02:36:02.220701',6,6,6,6,16,NULL,NULL);
INSERT INTO "federation_quarantine" VALUES(13,'340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000000024','e821967a0f35825e6a74c65fa73d65b212952bc06a5fb20a498a5df1d89e4e38',0,NULL,'[{"pointer":"/running_state","code":"unmapped-code","zh":"代码值「封存」在本省对照表 running_state 和规范代码表 running_state 中都没有；请在 vocab.csv 中补一行","en":"value “封存” is in neither the province''s table running_state nor the list running_state; add a row to vocab.csv","value":"封存"}]','1-2207adbb','open','2026-11-22 02:36:02.508828','2026-11-22 02:36:02.508828',10,10,10,10,1,NULL,NULL);
CREATE TABLE federation_raw (
	run_id INTEGER NOT NULL, 
	first INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	kept_at DATETIME NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_federation_raw PRIMARY KEY (run_id, first)
);
INSERT INTO "federation_raw" VALUES(1,1,16,'340000','instruments',20121,'2026-11-22 02:36:01.565830',X'7801ED5C6B531BC79AFEBEBF624A55A7F68B0533238D2EAEFDB0592795F8AC4FCA159C1CEFA6F241088189411024D626A9548141DC85B00D188C0CC6C65C7CE162639025C055F901E747EC51CF8C3EF92FECF376CF4833DC8C636327B550148C66BA7BBA7BBA9F79DEE77D5F7DAF289A72465155F98CE20BFBCF287E593BA3C8211FCEC97441A3A3209D0BAB380A85CE284A00E5142AE2E375C3543714A03FDA0FFFF28B27FA73D375CF59CFB79E339EC48F38506535E05564AF1C92E4D05959C62F2E5DBFE239AB9CF174FCE439FB8BA7B6D973F67BCFF9731725D65F30EF76E23A7BF55C7F312E3EEAD93CCE7C73FE0BCF0F6750F66A02ADB2DD1523FF820DDE675B8FD8AB172CB38622D1065CA1FFBC447ECC185BD2EF8DEA1353385777AD96CED6D60502B54A3810D062FE507D20A82872BD2F12AE8FD6F9EB7CC14884976C8EA26469F9696926CDD6D7F5FBDBC6C0B231B16BDC49951EF494269F1BF7C78CE54D7D803A5ADF84CE7B305D3E59151FA9324B0FB2D5EDE2CEEDD274AFDE3F6A8CBD34B756D1557320CF56664A8F87CD955D36DF4715AEC5DB5041DF5A37E652E5E137D4E2DCB735B8DE10C7110652CC8FA0C03F3BBBF4B515363C511ABF8DE36261C8DC5862B7864B7D37D9FA8C39D163F6668DBB3DCED9FB67E70D6AE6FA110FA389EEF6DFFF85624DD7D1995F3C75783A1E59D314AFA669B2A206345CE30D6099C8F8B14E5DA7B117738FCCCE2E96EB47990E7AF4D1967832124D52997F6FF7F965D95715BB1E696E6D8A55455B9A3DBFE2361D28A6A0FC4F1D6D5801B446FC5ED9E755FD749F7A9C71CEC79BEDBB9A2CBFD999C12CCB2CD55D8D05A1DFD9A4A23FD751777FC45F8FB178531FECC43487559565B670F5C7BA9F3130ACD52A4DC15850FC4A230A961F2CCBD1CC5CE3A57C4A5520A4A92874BD3142535E9A5EC2B367C3B4F43A687E549FAC0515EA7DB2151FAF2493AD89B3D5D5D6005BDA1AEC41563736471A62D535344FF851FD553FB636D08D7E3EBA5AE24AA4CD590D556897783EBF58239D3F4F9FAED236D11499F6C1756A0DCBD1C82F6081B1C159363AC2166E94B29D2C33A16FF6BFD91E3657B7CCBE176CEDA69E1965036949F54B6C2D83992B75DE35661F61168D428F581E1D3FD11EF454FA4CA3FE89EF03BD6796E5C7CCCE0536DA6F3C1B30160AECD92856B6736F76FCD4718DEA9F8FD7B547938DFF136BEA90A22DED78E275526B5324D11C9162C9E895581B358B8E870255AA7AC6438FC7C3D67A4A0F6E6200C6489FA460C2A4BFBFD99ED6A73659B6570A48E6D03A5BCDE10CBBD7C7863BF5CE45E9B775DF5FD0D0CF49AADDB5A96707F4F154E96ED6F3EBAFEF023FE880137ECCB94E63B4BB58788CA671AC6F3E67FDBDFACC68F98C51E835BB67C44927120D634216D8CE3AEBCE1473CFD8EB6E34E0422273E31E4B0DE9D3DB2C7F9BAD8D1903AF50C2C2A340BD1A94439A2FE4976B7DA17AA5560984FD9148AC2EEAAB976B65271E4D664B932FF4F54E965A33467B09F7E6177167B42530480ECB8A4C9B0A1F0983F60FC2C21A5C60B99CB9D8A33FECD45F0EA1C681704313C2876CAECCE9E36B801B8CDD582F006E8C9D9B46A1CFC83F70CEC93180E60A001A70DF40FBD5E75734BC64424AC8AF06FDAA5FA1AEFF880232FED1E20628285E59F1AA215CE03B412184EDC063FF9E763BC62E801827C5E667DB58FC37F1511F9F1233631432FACB2D967AA10FBC627DBD048DABAFD8FC044AEA63BB7A36CD06E73C3F1022BD0D02350E4DF4422B43203FC521D07872FF1008D4FC0202151B1D0E874025E495FD5E95A68143E09EC70414543480A05F40E0FD2D76BB8B8A3A20B098BF69AE6D0102435AC80D815A5548F1F9036508E46BC9857F6A5558F6AB21CCB4C03F346DC11E5840A80C7B38BD1FC730B8BA767B80D502C7E8D172FCE34B5200D9F5AF24BC3DD08440329F5A41323DFB141B8D4D2D95EE3D60A337F5FB73AC37557E5000333A333F416FF4FE2DD6F78CA5C78B3B69BCFF8C42BAF87A8E0DCE604F00258CC26D7D265BCCA58B3B5996C98143940636D8CA5D542C758EB9C0CEDD430BED586AC9EC7BCC0697F6EF1E1BE4BE8AC49A23C996A696860E29128F347524CAB8A6C9558ADFC2B55227707341523459D2EF6F617CD5027C09CA3237B0A1244D934A7384051CC9F4670FB12BDF11C37C6E0CD3079EE8990CD846693C8B764BB7968CAED562EEDE9EF3355FFCCD0160D83BD8472CB55ECC3F39984A992FA74B85C9D2C399626E82008CBF69D1FEC9722A423327A7DA33080BCCD8CE03F3F9B0B97883ADCE02A2CCEE1D736DDD02E943804D9025142E4D6D1AB7B7E8E0C924AAE0BD4620975D03A72AE6468CB159F03E3C3B6C34020EC78D0081E021C6C67D71A37746BE70108B0FDC3B100CA881904CECCA8D7C0AE85018AC1917F8D69183383A41E4BB7414F9DB8F7C013A25906F71E110E40B58C8770CF2A7285EFA0DA0518E7CCEA9E6B047E4CFE7E47ED844CE274D853843540387A3A358B61F8D206230FB91D257E5248A2EC6A7F217207FDA9F0183A5735762CD8DB4536DB8F4FB68390055F1D7EFAF40676961427F3A57CC0D82D095E60A0017328B665F992BCFD8AB4DB041B67B475C3557BB307125D8100024FEEE074564734F58EF145B1CD3072681AA2E88B4F8A0E89A8590FB4105FB469FDC85452650C7C6C94BEDF1864432169712D1483CDE186F90624DB168B2AD252E353746DB5A12D196D618C642845053AA6460992084FDBDE6EE12B1415F9526C59BDF6CF7FB64E9EA777809609F1AD9596339FF667B0023C12B9C3850679AA3291908608FC55C1FCED05550E1F9456BFF4E6FB0DD1E09F683D4DC8C7BFE7EC405BC3B59E31E50DA3F39624E4E1117E6E929E23AB8E629E27E70931CFBFA8320AEF4D565522DF083160555FD64D8AB9C3CF67AFF3CE0ABB9C1B7E622296446F733363264DC18E0C78BB000E81812892515C2283757C7D96C1ECC0E455CA639EAEE65B3314D8D849468B4D6EFD322117F28148D85EB542D565F2F87837ED98726EAAE71039BA59EB1950136FA54DF9C16AF5308507A76158244696A94A59EC20041E9B242E897893659D639F57ABE870C79A1611EA10D1ACF07F4EC13A39B86465ACFCE033473A0C95E21B45C0F04E0D200C75E125F9D4F43C01172287BFD04D68968F018DCF5ADB67180DBAC2EDB989FE20CB1D43D72184354846DACDAA6E3E1B6B1AC79E997EC7FCE10F74F092860408884303BB948F8748E4A1F641E07437B14C240953FAC6A78B50B85D07AB06E793008F5AF220FA269DB3CD6C26F318F551A973D46CB3CB698153445B424ACE373355E957FE2329F401CBF56E1792C052B72C04C8D4221870C86874BFC67AD471CB3EDBCF1B00BC7305504E701B72BE68758AADF5CDDD02747C886CE3E8620C24687F51E485569F042E2820F3B0FE27CA267B60638B68B555456FFC4CA113BCE667B35AD91B6ABB6D897688C27636D44F9EADBDBE291A883E6F92031709A077A063AA7E796C94A86074296FEB7A71BB40D7B990D4E4B309BAF7E8D8F82EF499A7491B4B0DFCFDBA07D38791B4B0D40C0149E057D64595F9A2361A8AF579C77A0C7E18E067D6C55BF75938DF64013133634AC79637A4552C364D7D37CA3C470172429736EC95CC9EB137D10348DD53E31DFDC4BA1DFCB96FA86D92EE9D596397D7200F49E2E8A9147E6E202DBCE88392253994FA2706B080B03A3E0C0F4E57FD051C57541B308181206F6EE0A49CF632F6163E3BCFEB24B1F5984F2532C6C9299ED68F3836013BDC4F7B82EF87B9DF46A6364E8306C928F8D4DA4526A3060E93EDC75E19EA7B2010B1F06C7252E28D042778C54CC1E8AC2CA851D1374DABAD4EE1F1BC5FC5CB4E42876F1B30B355E685EE8F47E77C5C74530D12B0BC18C8D27A4263A76BD0D5C7F8B24AE4A91A6C6867859C6F3C94A55D8C629483C96392A57F934E91FDB3048A7055818CF7709BC7E5B57ACD396D72264792D3009BF1FB0827B002B031FC912360E5C9DFA0C39BFB0834ACBEB2455AE8EC3A3285CA02C3F6E4C4F42D5874385D0ED7834487F3549EAEBE01290172D7F78DF04B993C361346DB11F96DA2C1626F4F51D7367E128B728B0538C1A2F36127CF848813CE64E81CD0C89FAFAC82DBC08C525DC81E3CFB9AFE9C8813F763B4489EC79032BD2C737D003D138BD507953C025B373B4F82A65DFEEFD1DA81AE9776E14E2A73843628BD94350480B1EDB7BA0821EF90044741F42A103678EB0086F5AA1A60934E2AE54ACE8C36654F02ADBFBFA366675728E0797BFD5ED7010FE56B88B80B0F4A31DEA7075D7B31D15E57A983B0E625FFE1D304C1F84C3158A9BED70FD4808E6180BBA619330B15BF826D53B0BB0049C1BDF86B3CFDA932DCD2DE483955A5BAEC5DA926D91C6B8948C2592526D2C1EBD42ED4170839B51ADD2CA1827BCAF9808E92A795FCD9DA73010482E032D6B6B25C4D3079E19B3CB65C493ABD40FE18345075CACCCDEA6A720770A720745899C825C19AC3E08C895A52E62AF7F1AB88347A09887353B0B3700C747117DF24ED017B6CC502BF0E4E3431F3AE082BE6C2FB824059B54281B022F4A7D1918E870601F125A3200BFCB16AC4F4CC387676D886943F41F9AB6595BB6579F5D4737C12FD131111963FB6179FF11B3E32C81AA07EA546C7A06AF181E1E071E48913E68148857AE4EC7A3C3E6CE46F966C7B5058FD2D53F420C072898EA554924142CECA059112CCCE1D2FC44B11CC7A0540A8810FD04DE116DCAF53011C2A579CE4B4DD147216F052AA4EA4347B1C1D6B0BB8DFB59ECA9BCB49C6BD7264DDFB4B4C7EBE2B14402011D7552B4A3A9315ED7D6186D4C7648CDB148A29D4B598DF144B2ADBD39164F52ABC269198495C6D5AC62AE40AB75B707C12BE62A423D576016CA55B26A5B867CC7509C010C46F054871BF27784B071B4A6085AC44A3941C4187A6A3C1942785FE9E188F1741B6C155D15710CA454A796F4D9AC035F48A24EAD8B80D483233F4A93AF8BDB0BFA3845999D6CB44798C795E23636D6700B51C404D15911266BF57570099119C5C243962AE0DA8110A3DFB98F403B8AFCB9936223B314B0C86B951E3D472D9878886BD4676F8B06DF022E34DDEED0B5206297287E4843F8863F18225DDF1DC0A1FABC8AEA55C8E4E5EB9FCB432718C07164F42E97CDDDF23C9D12C667FA50795E15C6E7310238480243C40A3772B9F1C9639CC5848BC704CCA3E0354523098CCD2FE3F64E51EB23C766B890CF1D93E10ADE0DAACAA1C0E7AEE60AE54035FBB95FFEAB375C413D1F8FE8F13944FD930FDE109DB15110E11233D08668FF88A55F0E741200613E44D41DC5A5DBD0782152DBD28670B7360A76C3E4347188AC6D6C4944EA63C0C74407623C28A4825B953EAD4AB621110084103D09820362321E9309997EA0AF8D49414D42BC4A251A8E02DF46280AF5DDB5327B9AC931E3C24138D71CC1BB97BEF47E5E730E77A8B9F419FEC22756EA4B570A5408171433FDC11A042963690801A4A529F2B4B91C86FA9D4784B0705C4CAC096F1F4A9C2C32220A2ECCDD8E4ECFE132F01A77B660D13922A24E5B2BE45EE43380421C1FFF7A918E2A8A98F004927B70E905505238918CE91CCB4C520B103D171F52A46FA1875C8EBCA963A02477151E45C178E4985B08FBC0C1647290B24D2A9904CEB939987961693A678C0A695C23531D823D66EF130216EEFE4EA10D218EC5FCCD83351F74CA595628C347C520D11D1B83E07F7CF6A8BC40851561C34D4D63737B5332128FB5B427A424320604E2B8A36C8370D75ABC4BF80FCDE16E36BD21B195797CE6AF998A3B719EB68AD1F5521FCF10F722A9BE819E78BA0F65C90D8E403384ED522D54FACFEAE6C63866FB3DB0684F5EC19E81FEB9B1281090415E313F1616C1A3CCFAEFB0D42378EEF67235E7C63B05A5535092F78352597EE274D411F7401E445B733F718A84AC4762AEFF4FE0694FCAC0E56F3EC7D8453C8D3997463C8900E4CB3832F2AFF75EA8702521485906D9CA3C1A71112564D9215500210F2C378E4C4D974475424998204A10AC2AE0640DC1392A9B2F219F135487D31E9BDB74E92B43C59D29E4BAC1094A0ED495BB402D78748DE7B7D85A1E49682C338878054A3540990C77B2F232E51BB86320BEBE80AE3818172591966FBA7217025AE5D68EBBD04D1D3D0107B3D23A29B3A5C7EED8912E499A83B733B193B70A1115011BB8EC92744D006794A05A01EE5A0C399816590A8E0910234649E1B8B4A22844A80D15754CDD810FA85C13219DAEF88B3D8F8D689F4A9DB17308FE0049A6788EEF44FB10C4862A9CF65DFED78B70FEF9A48B2DD7EA786083A5BB2189A00CAC27933D2A3A61A1E9017BD0A67A97BD6D910EA9AEB1BEBE0DD9C22DCD31848CA1F7DC8E0C8590B066533C1EC76FE9F461E1A0C4A230176F01A92C8724943659F96D0DEB41FD474EB2E8A0D747A42E20F3F3701818850D6497E9230F68494D2DE15EEFC1F2F6E40158F12548224288097EF30B10EF71876FBFF37ED79870686E5604E63B1B971F32515491FD4E9CB4FA9E593517C9F0DB33020B324B9D19BC115886DE102881242BB13131C683EDCBFC26A5D08EE6F4B14D519E76E7741E429CC033D12011C37D6D1EC3D074CB71018871C8205591C1A806434122A824C76105D999A4417CFF80881FE5BB830FFF4039CE4A1D2DE7841E65CC9E883F812443675A3C32A3902769F9130E7B0A65203D22FFE9236487BA743577B04539484344D62BF2A1C29ABB5E3948C3AE87A9E08FF0DBAF90404C1323804D1C93716BC3DB274929551DDDB420D0B9BDCCD73791354D9168FBF6990D8B0231BC5F9FFF464AB4F27CA9D62B2D6E78D4828844B3D1F1C583D2F86B0BF1204803F27C30F779DED4B47E0F89A650C907A47F238494E5E05F2E91EDEB086953501293F81E48B827281F1E05B3EBAED1B3E0CC09D35F236D1DC0685DC20D2FD49CA3D4B6F20557850ACBC4575D4088A3BFC8773F1034D9EE384B13D49E80FF135F85E2CA40B547E1EA6C598533D38BCE41926ED69D01C015730378F5B0F51B481683DC0AED11440E1DE6B8F9F9177454D1E5AC8C7AAEBC21C75EB4B9A729D1025A2EDF511F5E45781C2825DCAAC622A5E8EBDB378CA91DBD0B8B2DFD3B9D1C1AA2B2159F1254C3A130C095F8A2DBC9A1E08B5D28451F17F896542853FF405415FAFEDEFCFC4F07B2D4E532C852B22D786A39FDB43CABD63AE6CF91E8A150052D88B503E70E7CBA65D269D15511918F9B3A35C48F00C8B8E37E027930C0C20AA69F4A166ACDA52F2E5CF8EC9BF33512FF02066E9D8BECD3FD6E0CE41A882F19C16C40ECC76645FE3DB472E1DA259ACE7DDCF87612FDC5129211D868DA58A4AF9440E626562D1D70959938427ABD34B5CCF5683272AC6F26C14A74F4CF4256011E2205B38C2D4ED8B131F5420439FA953C547C414D7D4B14AE8C7D79A8C8C9AE0ADADF4C229A07D3811D2CE19B91AA910C54AD0594EA80DFC6D7A5C7F0F756E014D363012F4FC4B7BE02C0EF0B492CB7586D2CDEC280DE0369F7E5309C22AD78D39C22ED5BBE09E51469FF485F8CE24032FEDE74206D5911A510228BD9F28CFF4F80B91C7DC5774071E2F3A706DAFF03EA9374FD');
INSERT INTO "federation_raw" VALUES(3,1,16,'530000','instruments',26542,'2026-11-22 02:36:02.012964',X'7801ED5D59731BC7767ECFAF98D2535211280C8001403F45B2EC6BD595EF556C27D7A9541E201214198B4B40CA6527952A50E0BE00A4C49DE0BE4A3401525C00025CAA92F7FC88183DCB93FE42BE330D34B10C405286454522ED02C1999E9E5E4E9FAFCFF9CE69FDB3ACD4DA6FCB6E173E14971B1F32FD69576ECB1E197F7ABCF451EBC10D0F3EDC76273E1CE6078A281EF9B6EC75E3C3E3A20F45FE97BFFA8F5B99645A5FEF64030B7AE8E4D667B7B4B1CD4C2AAC4EA7F027EB3B34828BBF063B33A9941A4DB1E148E624CA5E0CA9938BB8A2EDA5B5F482B638A6BD3ACC24C3EAF834DB5EFF35F8FCD6ED5C9DDBEBDAC6A8B1DCC316165073E66C49ED8CA364F6C18D5194D76693AC7B8F25D6B4CD41AA6420A846E3B7F1327579875F15D5F17BEA50AFBAD88BEAF4DED7DAD82E4BAD4B9EB7C7B3FAFE827E7222C92EE98727F8D3E81D66ABC32C3693391996FE6BD75E6357A4E6665195BEBFAD9DC4B47444DF3F52E7D6D4D4082A44AFA8406A834577D82C3ABF45C3313ACF56B6E87AFA359BDE647D3DDA6E5A3B9ED0163B71B7B6D68E1F71578F9DB2D55E3632AC6DEC5085E688508737466998D2C76CA48FC5E68DD743EC688F45768A1E44CDFCA599E44B4C03EEB2EE249B1F54FB46D4F9A868210B2FB0E0F15F6792BDAC3BF437B73E539C3598D85B2C7C765E24F25C0F86D4B143EADF622FEBEDA15B98C1694C6E4A0D6E6072D583413D3EFEF678C6892EBC3D99F7E2172ABC632C1D69B3317AF9ECA9D64F23CD0786259FD3F7A96D233843DF51E0685F0DA6F5B3117D6988666CF2F0BC306E4587D9C052F1F5744ADF5F5727D7D4288984C32E3B6C7687CDE140756A7F904537D9F038E62C3BDA3DDD466813A3CD220994FE96061B3F72AEF4EE3C2FCDCC72C6E4260A69630B6CF404230EE1C2FFC6F472B66A51584C8FD915BD775F9DD8D13B8732C9192E616C75030F163D8551D4E3348A0EF9B1EF7143DD63A5C1E7A86F90DDF5B2A3BEDEE1C555AC2FAFE216CFE9075D902B0865E6E4256FA0E8081F50EAEFEE7C4131D13453144B0B9084CC0FA215D91AA6E26C641D83A61E24B08AB4D9512DB6845931A647F04614C35D6A8F3913B8C26247F4AC951CA018468E84DF5CF36C9CFA7AF7DEBDB7C77DFA60C4488733C989B7C7FD66B14DB52F612CA5B58535943196BBB4D43A44141A848D84D9FA73231A649109F5B0EFEDF1901E4FE8BD7B6C67548D8CB0FE61C9E192D84E04920221C2F3688A96EEE23A431B3B60DB23C6F39816DB45BD75AD2D1DBEBA0E8FE2F2FEDD330532EAA8F1FFE46B6E7BEAAFA96BA5958CF27A7C0E25ED5E8F6C5314C54E65A1AC64A7B92AE92F2A16A5859A498DB2E149FA7EFB96DE39060D847580EB7A2CA9073B59B28FAE0FEEAA13E7ABF7414B87FF49C0D7E1AF973AFCBEBAC6A6962792AFA55E0AF8DBFDBE405DA3D4F6D4D7D1D01AA0B6E84B9346E74BD44742978AEA89B8D34D328B3B1B5DEAE231268D8BF0836FEE496E8FA932B8B210DA87AB247AC25C4FDAC0A11AA496ABDB2B2C99C4758C981E8B936E9A0BE6F748ACC89277632CD5B133A1ACDC8ADDED50A8263E65A6546827A3BCBEC68E8EB6F6CFEEDCC98D75FDB3DC78DF696FF405FC77F256DF7F96410D3DB68A49D5D6E6A1593111DADC92165D045EE85DA3A407C26B2CB2C2F1A2024CB0B39036D283CEDC660B296D29C886D27C3972A02A4201163FC67C4A0EC56D6A7D6043420BF7E26FE987AFFE1D9758044B6448DD5ED3A2C76C80742AAFE60A08701A061AD083560860AFB53BEDA48FF8DD220430B6A658BC0718851180BC1ABDBDC66C0F87BFA2472ED6FD6371F5C5281BE922FC31F1842B6A49F648F886B5A6A2C450278B8CEA4B9B7A2C055996945A498BF7F2C12E860DD9E9ADF13873B861A45E18A905369442BB98157AE4F700A0219B98E1709B909155F2799051204D724D6BE08990A6A666DF13214DB2C355F3AF6D4FE8A51C5E66DF187313D5831787CB66F7D86492FACBC20B9A942D2D10230F5ED49520C1B72993C0A6E29242819BFD00B00002584F14D8C211894B7F29289DC38B4B763FF639BC76B956F1381DEEC78AEC743A1DBE5AB7F7B1EC57EAC50B0B70A31027DF1BBCA853716A4F21BCE40B0AEE96A20A4B25D4E9987ED6A79FBD360B14E009EB4EA8D17EBD7B449F0962A30235A28E9DB29D2EFE9D1DA7B4954E7CD766A05713EC65271026931A64DD7D7A7C5F9D0AD33A88BE86FEA155DF15C92487D9E9A4814A568217C08C93C38C9C13D44A30E32C801927F5A222CC18A1703998F9AAE949A354EF6F696FEAF859FAE28B3F48ED3FB777F80B41A56F1692846D093006B260092CDFFEDC72B7B9AD5DFAE63B34A66AD0925B8D423B30ABA694E28CD3496BE8629C29D40C053843CBB01CCEA83B636AEA500F1D621AF4DE6D7587C4C4580933EC6C8036A747DAF810DB7D4EDA175B93F032B6BA950027BAA38D84F8FA44AB2D6146DD5B36C6CF24185D4EA9A519B8C26BD51373DA7A5AB2D7C80A76D04EBBF403DDE357612AE8A79B04469E1A181FA2E6AA218FC7EEB2D3305B228F7A1664DDFDC66C423F854DB24123668EC33B828FB91F2D4110975CA3B8730892B512ACB0833740CC0B9B7FAECDEEF3F6004A146CE9317AB203BFAFC100B1DBECF2D510C22193C9C777E716064838CE9643D88B43EA586CB5B8A440884FD4FAA8200B18AA52B4D0D7CEB081D6C2B3DAAB9431B96F9629000C637D42FD6529931CC02E045609362F6C60912D1CE9B16D7674084B0400C0EFEAF14EDA24020C1613C003D3004EB0A52DD633CD36C6D4FE294CE60520714DB6C8DD8EE6D6F6B6467FA0A94E7ADA54EF0B60182E6D737CFDE8A1CD758F9E30DD13175A1CECB43B73460E800FC4E2A0E5768304956C901B24A88A2BAA1009AC76FFDA8D6EAFE459BAD1EDEFE067AA826E97BEFA9E3C64F8F938B53C76B2EAE6129B9BA46DFED694115CC824DFC0E96CBC3C85AB4D8FC7E18DC7469B988981097879B86BBBC2969FFB1AE19907C4112D61B20E183BCBBD3F5E47BB78A743FAC3E33BEDE60E62069698E42233C07C1FFCAA70B9F2B74ADC0D033B948D6CB1F0201B9825D7D3ECA9A8FEF206003632EAE01956153D6BE97D72C1FB54D606E003835E9225C03B6AFAFCAB493EB8ED354E6FCE04D052CB6C69AC8213494CA498333E68B0025CDC08C8DA00DCB647B72D49082DDCAFA65E57D14B24DBEC8A4DECEA2B9210FFF4F70EBB03E5CD1FB2FCCBDA018B63F0C5F1FE55F014F1BEA86B33B0AEB0FBD5FA5FC1B9A40FC7E10421377EF72F2C42DEDFFCB7086791CB6D975D76B7CBE370BA5D0EBFCF25D7E23FA7FDB1D3EF6B901BCE69920FC15964C945941308F4B8D414D0FAE0A08F6BEB11F36EA111F07BB3108A8BBB879C97700F29AE7CF79042EBB3B27B88ADCD94730FDD6BEA90FC81406B40222AC224205ADB3A9AEA7C4F25D020CDCF5AF0B5A3A9B5051C05DC460576013C1A506CC44578BD963EA32FBFBBF793CDEB8514A18597340E2EA423C4DA14CAA0B41DA50E23979384F562879193BC72B929C81213452BB29CA9803585C5653A8A16E037C417B6FA4AEB3A04E785EBF02712B7BB9E2675199B317A23F8539D1FA900226C6882580AD44BBF8C15AA957B912AE3891A0D9267CA8406490631FDF5231F41C941279006BE24BB0C6F88436A7E78A7B9A9856E98A62AA85BE9FEDDFB7FFBE5C3FB18A9AB9218EC3451C980402BCA9318FA6137DAAB8EF7A9876F40D7EBFD6FF49D5DC01135C304252E3A82C100D45C81BD76BB6B1C9E4B0308B42271865092235B982368574C96A023B007220712070F8C5C26B9CD3529351E0C2566543CA090CF09A073FE00FAF37ED0C669B37BAF8236286FFE9022C9C7817CDA9B4B2B471B741B245A71E19CE3E9D3061C4B01822E28272A18C55220D20F668DF494B1320F529CED8C710507A61C8E2A5C57E7272D997230159C05CF24FB33C9D7886E41340D4221B8D6A3856E121AA0CFD5BD4D50193C8E046D53C77720EBF4C59461161960C3BBC6F42B9312A1408C72D4B9E2B8026839F002419D2BA48E2B8396B6B5580EB4FEE16947C0676B2466A3CD1F208EDCD752E787E7EADF9E35D54B758D81D6665F472BC8F5B646BC4638B24A81A2883DFF475F0B6A686F94BE7CEAFF899E2C7468B1EEC34C7A82AE5F9142BF26CC3A5FD7E5304B0BA7B51721008D7E827DE0146648EB19D3E787B5F44B759AD80F501F7437BE0B1E1C2135B080B4549C480F53CF55002F756E449D98E670759B23190FB7CAE21946D1D2185293AF88CE1E0AB1D97DC9267B498B7AC0B6FF6F5708120C31D542DB5AE7813A1E41312246A4FF39FE0BEE10979F3AE36159905BE01EDD106FB9BC4D44CAAD021D2F839027D9CD47261190C512316D35A5F66FA991086F6AD5604CB63B6B6A451496D8FBA025966C7AD1C4F2513D07A70272DDD40A18423EF534C5E6ECF367A00C68C4BB5E9E3FECA03901836C8D6C05CC7CE1768A33F3E6762A279A4A013B2FD60975AB0AC15F0EA78DE2BF6A511DE1DAC576976856F6094B1F9D191CC1BA7733A92D61E916C0E60D125218580511147AA6B2B061124AB111DE0AB63BCE979F59A0C04EBB2E765FC9B2FB9732DF0AD87DE562765F3F38288784F79B1A1AFC017F4B47130CB6F63A5F4B0B8591C17A6B0D3435FBAF6AB0DDFFF6739BDBCAC987B012C4ED61B88B90EF422A47AC68A1B14A41F877B0D6CED7F10DF25D3A14F903453E583237D0978BC82554BC54DCF3BB429F5CD1E578037D978A80BE813E13994BE3A7950F1DFA04D32513D8159A7F1F1F081AD387DACB04766346EF285205685B86BD3EE2E45F0C5176CB481FB7E2D8D9167154A10D18069736F97A0EA95233EFE632EE4A6E6D480E0469656DBDAC03D3A120EAED4F649E441710A22329D2231FE6E6AA0ECACAE086D8B04AB16E63A718146DBB1FEE5BA410F081D09E53B242BE19281C94574BAF915DF9F05621CA4D7B03DFE4167F3B796A4E96E198C4760DD618EC646E8EFDB28446597A1945183F15A8866DA5D8EC30AF3CA8EE42DB2A1BDACFB3030A4CA5BCC867F290C5C761C72305215BA930BF721615EFC4079952C3B3AFD4F94E6D2BAECE2D65D2873C134B5FE9462A98E8503E5346026366DB986E8B0DEC8C49C5984909503DEA0425052004FA1D52704A45055595DA52C8BC6189797508AFB8EEC037CF1592703C5054C293E82209ACEC4954A3BBE5ECA76FDB7C811F28D3A6BDD927B537212527400654C3B3408BAFCE8F9A85F3101C4CC5CC9BAF1E61A36AFF8E1E29840DEE7AA2EB57F41A8A155BF2EA528BA90A89375445396B29939AD1D23D7A088937446311504C76ABF117F8C25627D4BD21CA4123DFE09EB6BB672C4F6A6F5EA018D46505B8803812CF22182E8C90B547D0A4B3E0A024F60A438C1F29D066C64823116C758394F25908611012F29EE8E67F4F5286A61ADE00A6489C85214811F557CF1728DB1DB45DCE0701E10BE47124AC27C17AD2C4700140CD86825E2A7A44E0C6D588AD5A6F8D5BA4D708F31A755B3A04C53411451041AADD8C5CC0501502C7A59C782099CC01B77B7E57271EBDC6693307FA42A021DFE279B33016E5C0866F4948DD46466F8227CA247216C90C86B31442D4A329EEE306259B9FB6F98991517570C1059A1A9E3D29C08C525F5711E1F4F9777F8446FB1C235B2DD0B81E875BDE9A2B0721FAF3336D6A1580A1762DA80B8416B4D59B5DA464C2D3534AB79A5C44F60F45D7712232044692C8470E0AC0098CA6C8F5E7BB249E26978B901080221EE2AB5C64F48B4087ACB161F3E66C0DDA4E8722D0BF606D883A6291D7C42975F7B3951D046C407FE38BA8F6F20072415804A8243BA50E5A0208253263348091EA7E9AF015ADD93613A143119E65F36B3028153D2DB0E46A3688C3EDAA7139001D668EFF8560C21BA40F6F50789539742578C2D3F5CBD8224248D1FAAAD822C8C204CF93735D5DCCF3A0BCF94309DCE52042E283CF4E76211A9CE8C90E78C11339D384F7E9538DB32B95088C6C295A4899E3B87EB0859806AC8CEC681601C7A7C6E03C68917E6CFAB155CA45DD11494A2648699AE6856822FD0911111D7FFECB43E9C183ECE0FEFF8615CAAECEAED31B58C93B34E6B7C0CA85A88238A34C0A49CE0B3CC8281F9B7E0BBA5CDE5429D5251F21BA94824B3114DD008B79988CB9F7C9DF6A58024B3EAE98050A8C911B4C79674CC98314C18D50FCD3470F2C1F8ECB8BF2D7CBB9BCBC7607628CABE8F2D22A9F46235FABCBCBE3AC718BF300C4991190C62AB8BCB2C4CBEF724A8C8CE41FF9922EAC2C57522BCE941124481E5742693BDDBB4547BD599A25EA2771508C75EE4FCE33CD5D9E96B8A1EFCFB1EE4175F698A55E52A475FF51297ABC7F57962B9B0C74A9B3620A92815CBF2919C88CABB67665591ECC52E4CDFA33128740A37C7DF77BDBF78FAA88115C86918E2796BC656B4A59912A1C1343EBB09CED215873B6348A6067930C3967CDD5C1FECC71922E8607B5634A0C62C77174853C5FFDAF591FCEFB1BC7514F159C5C0531D47406D645475622F3078408AF9708911C758EF319B5A5180F9856242DB501E71608097E01E71D824106C8E000CB6C4690D13D0CFA22731286A32C9B921EDB956C1E22539CA8F4DDD8149C7F5729B21A6735DA29EA22DFE0106C0A3B8DD10084E9F8C05C726D2F0E99E47DAD1AA7426E3025E706AB40C5F399C7E92B18203ECFBC2164A898847C71A61097105E14E1E9FC784C9E5A04C6828FFFF9D934343D664406E54595BC0175E3019C41781E802D1EE0B256D498DC296A66A03746F8BDC407C8B594F3EAA0D43F02A68A3E398E7998FE5CA4B625E699E970944A90588323B4F48C33212C1F70940097298ED496A100D902EFC4FA97934A523DA6862A953FDC2A2769E256BE4C61364BBD7A6C608F2D84E09430EF16585ED7809DB5578824A84527CF230948FA2A4712182FCA46127CF1D45FD781C4237F5DA38F92669F4AC89DFDD11F68C737CA9D259F5EB379CC6701450449AE1856F0F01B28943F4A8F9E3E6B47EBAA6575BDDFD00273619703D10F346D1628579C36CB71D22A6FF6D1FDBB989CAB86A45D646A5D63CE6C6DDE89CF62D3852E5ADA5996298F659190C2BCCCD3077E53CEACD81252A3AA14CDE6BE928526CBE659B75C95979ED2F6B158681F54589BA5A441859793290887055AC5FAD5E144E698F86410C4669902CCBA2E6FE1B55A7D57CFA6B5B4C18A2C42195B4FE9414B43530B4E1FC548570DBFAEEFE05073DDDF8059C9BF6350D16F88C3D3E1388400581A77BFF301103760C6E1898F7DD13F159035BD941B307BDF31DA376026FE55856ABB30DF039809328C828E3E1A58FB3F4049403A');
INSERT INTO "federation_raw" VALUES(4,1,3,'330000','institutions',1918,'2026-11-22 02:36:02.121198',X'780195955B6F1A5710C7DFFB2910CF2E3E97BDFAA95552C995EC4AAD545551958765D97536B221B297A8174582346EE21ADBA05252A88DAF31E406B562D7189CF8CBEC39BB7C8BCCE19614025178806566CECCFF9CF99DD91F55244F29044FC93AB9F9D9AF61F64799ADBEF0F367417D273C1346B28A3F976519219DD0F054986DFCE5BDDEF05A87FE5E1ADC942284076696DDF02BFF8299379EB2F3B2D7CCF14689EF6479A1E8EFE5FDA7FFF1B5D42098A72AC1691582FD4A0EBCEDE241CFBB79E5372BC17E86E7AF58A60901ED8B2BB6BB299EA17EADDC7E9661B5A3A076C4B6EA413DED5D1CFB9705B6750E91730421A28AB0C6FDA1245D4960072F146227E5EE56F8DEC3A0FE3BAC25A62253C9860486A64B3695886412DD8A52291A35EDA8D559B7CEB785224C75243EDD33E18729D004DFFC4CF879F94170F600F62624D64A4312292548D274A2114220251C347B996DDFAFF9B513486C26E2AE61BA22F117C9CEE146AC9F8CA53B8B56C44C2C89F8EDF4F0C6CE8AFC6417ECC2DB7CC19AC7E119A2451055650296D656C782098A280AC29230ED7A8D947FF4C6BB2C7957FB7EBE3A68272650932222415B115655F98648FA3AE73F2F82B85BAE7B6765667ABA272CB1BCD017370D61413AEFBF6A794D713EACD00A5269D67824ECEB27BCF07080C60F56FC975B8964E846127E93A1AFE32BAEE3265D2B94B043F3866B2D3BC6E28A58B6FFB89DFEB3FDB8EAAF6520234012ACE782F3BAA28A564F85E1C80010E87C0F448C2855C3F72602DC21631460D1872E0C0395FCA200000378EDC6A1BF596707BFB1F3277E15DABBD62E66E182B0ADC660D58064EF32ED354AC23EC230CB9EB2D5D31EC3A37076CA4D8053362C8BE86A3466EB9A66AA1AA112960C59D5354591545B839A7C6D044EB1DFB180A95DC048BF879F041845114D5614E5FF8061B815DA44C0740C80C988CC7F097C7D3B7B5DFB4E48FC20604408EA8B1B01EC49691C60B3C90E5F73C92527BE10FA2A7ED7594EC4972CB8578BF06FC1895BC01878AE2522A1393716010143ACF1ED7FE04609D6281D079BAC91C9B0D177637170BDC4857E374407B0B15A9ABF3AE0A9949F7BC3322D409D1D55D8CB6350D69B51FD51D97EFE37DFDB17F611C0F8EA23DE7CD6456874FA754B4C020C9B585389490D5B954C6A13DB362C6C2B48B6628A64C4A0E628609D3D8E038CE22E60B4DFC34F050CEB3A95DF070C478878517D7480C16C95E0854528218A0EC23FCC17E88A25FBDA86F9E23BD5717C7D03F04413A1D9A4E1DC76E2A1792BE69880D6F771E7AEB5BCE2B83F43C521A0A097ACB90D4069781C4F44D2C3F7DE024D929FDA');
INSERT INTO "federation_raw" VALUES(5,1,12,'330000','survey',7075,'2026-11-22 02:36:02.158765',X'7801D5995B4FDB4814C7DFF753203F67C133BEF306ACB4682576D5A50F8B501F42205FA2AA04A55C4B0A5D42964BB8845B522A9240D3900B812FE3193B4FFD0A7B2606B7211EEC04CA762BA15833AEED39F3F3FFFCCFF1A8A4A3906AE8214D94E1CF39967431A4EA4688FD3A7F087ED510C286F6E2A7978259AADAC75376E1D4AA65ADEAB25D28D3ED235A59117A05125B336B317BEE842617ECCF6FEA73EF85904066CECCCA479A4991CB6576CEEC4C7D3AE30CB2D9C67F31AB07D6DE14CC4A92286277D839D7BA4C90E50B981C169D7F5872CFA09369BB908139F372CA2C6DB2F17281E4CAE430419331B298A2C90AFDA728F48A8D19782EBA364F2E8ECC5AF27606AB861C12E8C22439DB719E86EECDD9B959B8A8129E9880558F8D470D5D8F683A9664248715CDD05555D6A23ADCEEE62E89726375A32F60E460927E7EEB8CD753656B2B2BF4B271ABBA6B9626ADC32BF372D3BC4E59F18CBB6A03C1BA15110FF589227A36F88BFE275CD9CE4FD3DD23B69CCAB1D08B45ACBCBA3FF8C93C4D94EDC23E8D5F73837F98F009FED7D07A071FE1AFDBE306BFFE719DEEA5F8C1D7346EF4E17A98177D1441BA86235238AAC911298AA3D1F0048AAAA23231AECAE1F1D6E80B801EE0699616617305DE5EBC140686FAECA569B2558035C236939563B8D6C0EF7DC3ADA3E6D5368D6581083207448C0ABFF6F73CEF92340DE39FB1880C76133257213317567595EE24C9E107BA96177A110C57961BD8C2218D17D96BD2B8C897CB793233FDE572016EAC89DDA2D8B28CE655B84025CAF4D31A7BDA72D14E2DD1C49C592D5A9FAA8015BB8203DD760A06E11C9A5BEE7ADEDF053F34390FD37636050FE0D00DD33758866E0EC84ACC4AC3430BF0E8B05872BA4E5E671C808557F7938B30908B752C2BF0DE4A18DE2576B736C9354BA7E430FBBDC9C5488367BB79C36F65C38F5C6470C995440D44C55B37DA2797A4E37461DDD9C6EF482ED2648CBA1BECAA3C76A540EC62247AD3DBB41297CC5B7AE9F524995920E5735A5C603CBB277C83AE5D2BB4C7ECBB34BCEFA4B248B29B907FACF32B90CC9B503E05BFE4519417B9747A2BAF8464F70C5779ADF47B6B2F5EDFD8070ED9AC77F283ACC5C75832140EC638A22A921C85373BAC1B725492B11CC1C6C498248F8D45A2631370C33BE94F68DAFCC0024CD77370ADBB02EC8C7A0A30C2AADC8058E2418C8229B002BAE5A9C14D0B71216DA6D8BED8B54B279E1483CCB014145C7981DF8D8C59A9B09D9DAE8181B0736B81C417E45706D324224D5346D80D7F48F1953B125F19C804A4BD5C9B6CA81C6A951F567C35B0D9CC35683C68D972FD5D036C7707C8FE45F26FACCAB59D8AC1018F59EB3533096023C90AB3EE416D43F6AD59DB20953859DC027241850391FB24B6C1B7DAF033BC0A983CD8964699E2CAAE9F6DE0571B1A0647F148A681A7AF4F60D9C84CD1AC263A2F33FC929D8A95D6A8074B767CC786A0CAF58E7D0799EE894A0DAC1848E946201B18F164030AA800B2A177546DD0A9BF69E9437D334E97588E6EAD33A0E269550A67D02933DCEA82F9B2DC2CC9EED44F96AC7739B23F6DD6AEA10C0E24160F4D73813CDA83C502CAC2566C3B170BACF3AC59FB49EEC7150BDFA8FB89858E3CA21E4C2CF842CD5A638F25160F88FD43B90F545BFBEE805F9234106B633C5A92C43AF41BBD83FFFF023F4861E81B7C1FFC91885823F24EF01F8ABF0CDD60EF1D683F57FE87F807927DDFA6A8DF0EA0CEDD8AA6B0ECED5DE3605DE47598DADF84E6D21CBC7D47ADD2762AF5DF46A0552A2A9ACECC8BC8332FC1EA74A3939287B5DBAB05BA57B20EA6E083033818CFBA87E6D7A1134FF339B37ADD6A65E8DE05599D82F13B6E86E6F7EDFCD96DB9136A692A3F7EA440126F6D1E6B99737ACAF0C9A683EA70E08FE1919EC1E167033D8343FD03B0DA56A367A563B0E0D600F19AC9666509A27F6F8CDA69BC07A3E99BDE251C7263C4C1A9E99D7063E0367D8AE7666DD5C1C923424BF0018A7D77B0738C963BA5338CB3CF50AD1435E0BCF96011A45719C00FFC0B40BFDE43');
INSERT INTO "federation_raw" VALUES(6,1,16,'330000','instruments',16717,'2026-11-22 02:36:02.220701',X'7801ED5C5B531B57B67E3FBFA2CBAF634177EB9EA7217626714DEC788227C7E79C3A0F8A904133201121A58E672A55C24680B849385CCCFD621BB01D04C65C84B855CDBC9F1F31A3DDDD7AF25F986FEDDD2D2410482421385376A528F5EEEEDDBDD7DEEB5B6B7DFBEBFC8F22BB9CD7BD4EF9BA22DB1DF8A37AF1074D8AE250F14BE16D381467F9A183DA5CAEEB5E8F1B3F54DCAAC8B84B51BCFFFB1F7FBDE66B6F6F0DFA7DD16038D41009F8AE7D744D1B9FBF76FDDAD7B1606BD38D705BBB2FF49037BED05FF7175E3FD5C6D6B5BEB836BD866BFCC1283FB73BC6766659F61135859B02C53EFCE2F65B4D68F12A76BBEC94D5DB0DB2ACFCE1B39B9E2FF9D5BCFF3BBE367E13EFA7B07B54C83ED387D6D8E263B6F3425FE9D7A6938589344BFCC052597E532C148D982FA54DFF6035510B4B6FB2C4261BC85163AC231A6EEBE0AD4B380E84C4631A6268F645034D92BF3518C2D85B257F4BA02DD8814E255FA8490AB6B5C542615F4787EFA1842B02B8F7412CE42713FD2E1868A5D1E8232BF9DC90B110D7B2097D648E0D8CFD33DEC91283FAD86B6DBE871D8DEBC9975A72B7D093D29EC5B5ADFE7FC6C938E8A589DE4758B8B943B921ACF569231907FFE8AFDA48BFF04FB5E396203DCD2EBB1487C3E576B9A9A5AD391669456B4B34DADEF1517D7D8CDF550763D705FECFD7D6DE1AA80FB6F99A03F5C71DD5FDA9BD996E0D618C313E1DC7E7D06E1A8625568C9E57AC6F458C480C87F5766BB3696DAB535BDFD47347B8BA3D1C81F9F0029F377CFC45E3DD4F6EDC9364D9432722413FCDA3EA55EA3C5EDE10FE3618E26DDAD684F6664E9FEEA4E658A43DDC4157961A104F2F2CECE27424160A0543CD38ADAD3E63599AF28E1BE150D4E7A787E60F460D983ADB4BCD9FB4F982640ABF382D7B55CF6F4D7398A620B3D095775BC298C88FAE29762F372EAEA4E6165F845A5962078BCC48A48DC9B8165FC65C6A23876CBD4BFC66FB39FD59277EEB935DDAFC0EFBBED358DBC9E7FA59A2D758DBD49E0EBDDB1FD0A65FE97B29961ED0BA52F9EC203B1C2FA093677131F11DE1584498616CDDD85CA527477D91E84DAC423C5DC554D72BF5E28DA2914080C6A94D4FC160C6CE9ACB6E67A91DBA25F6F59F02FE2879292DA27C7693E5FAD8C01E5B5DBACEE672FA425C1CE0D268C0DF120AB7869BB9976CF51B6BA385F81CCB2D492A462F6141A2A59EADA7B4F1ED77FB53B0BB3E9591DCB2246620FAB03D602E4DD92B2B5EEFB5EF6A078AD1756D30A34F6D1A47B37813132258A6537BBB58052214152B59F5A80E272D7E5575D11A3231C48408D18F168FEBC38718ADBE3CCC9E2FC300FC420B16F4C321367560357113247AB5DC2BF3F14558D09E128859B0D0E80F0642D1E083A05F6AF2457D12C023022F923A1E764403B4862A63006CC97229F2FEEE1DD6BDA78F6C1546A77158E87CA175CDE9AB496D6B8760809B85AD3E658F562E000676D34F1555C51B70305064B7C7E975DBCBB04020CA69FF16F759FEFD7CD958EED25616C86CAB4BA5AFA4BFDDD3F7E6F088A2737FD2E890E53B5FDDA736D3AF9D729D4BF87915B72EED599B1E647D0BE8E57CB72E3C1E3EC7ADED76E1D6760BE14EBAB5EC742B36A7130BC76B27D8B41CBBB034A6FDB090CFF669D3B9C2C21E4B3D627DF36C6ED7C8ACB2DD6D961A83A38AB3C65A2779029C767E4760369C9C2DBC66DD136C79444B3E6583A3353AB36A53149BC2F1C5F266989BE5A6E1CD1EA5A2331B99053D338E9734A7C68AB0658ECC3214502455BAFB315E95659758E6405264E9D38FEB3B30E612AF55E047B27211AF7DBAC60E77F070C47674F5EBF1DA9B315FABED4124F04D2C10F2235CFB3A021129188A06220F0291705B003F309E335C773A070425B0DFEA2F8C1EC1FA2C33993F18D4370E01956211B02703388543589EC5F7F3FBF385F8931FE1C0AAC2FD954773AF57713A15D55BE6C165D11CEBBC2966ADF5F2688E8ECE8CE6E22196B7A7060A8BC3DA519C25926C7743DB4EE6F75EC116450F773AED321D9BDEED92EBDC0A3FAEC1BB8796C95A083FA70C861ECEF774FDD5D2799EEEA8E2E9C5006E77E051969F5F750057DC3659B59547F06A3E0F0B6A8BEB22C5C550CA5C1D9916E51B7C214A7F7B23D739A5F6F636F2FADE6EE370451FEA911429440DB4767B52C6CE8CBEB42739648922550912C8769962C005E2F70724B82424C0C4F000AECA760F327AD94EE94DE56CFEA2FE2FC2FF451C5FFAECBE28397E8510501AEC3F80C0658000926A7DAC1BCBD3AAF0B32FAB57F83C7D47E2E1B0A3C650DC6EE77F5107820230D3778DF793CF0D6BD9496D26AD8D4DE8F323FACB6D2DC9B38EB095C1E7B3AB273278B0026C6EE8FCC2FE16C27E738457F6D180CFDF822292D7F3914047C017F1B748EDADBEE80354AF78AF333282899CF1F880F56E17E2F3C80BF2B91C85B9C154FE601A8900BC0C2D225516EF9DCF0E69A31300FA0B64048A99D2DB155ABB22A557ECAA5BF1D85DE48C951141A90B479A2B6704E8E8CC8C403CC40406F1AA7867E479F4FE7BFB2CDDCB32B38557036CF72D4BADE3E9C5ECE0366651FAF2DEEF6D9F8BA44094F6482CEB1C9460B747AA650930DC0448921CE2186C2A4A4EDC787E7260F4A7CE490E54A7480E14CB10E79401AA130FB3D203A4F25A2ACD9283F96C329F7D85988B19D5C65F1416BBF4DC1245515ED617A6E3DADB1514F42C3DA82FAF536638BA8EE84A3F7AD308BD2CD5C706DF14265E726280289D6A95BDE2B029B24D251B827B11A53DCC6FF40F5369EFAE580CE48F16B4CE359A275E958992409FCAB2C45B912DD0B2AB582180BED147DE509DEFC2A08CCD39E3E040529DD29F9B7158E81964CF0745C6C6730A456A3B912D78393972916C61220376A8109F042186215E45DD701A2BB48AD53E4B979280F76D11B07B4DC1070F22E095AA140A20F3C8FC99494C3BFE5229C059315A1713DBFAC613B69E636B593ACCF4E70F26586E84F54D01318CB12EA37B5ADFFB5E9BED22A220337901A0B06A7FC771E90056C4EB70380533521928CE491DD0D19940211E6202C57D505FC8408D8541FC385135DCBF697361A6ADAAC10B3C206AA22A1E94D9B068BD127359F629332939DC61C6587E44264D3D2D5E537C3551BCE3058E71851D26F247193495B086DACCCA39B862576A2E3AB8239BAC21B86718072857985964E9616D7E817527D8F331B61F077D48A4205A9E8FC135B4DE1DD6B30A0601D5657EAF5FDF1B848FB3BE593DDD0DC7E4EB631AAC21859954567B3B5A486E62ADE0C6427CA436D2010508480799A6A28833550B101181391984FBCA0A106D3A4ECC5ADF1C2F353CD29FFF935012BCE1F2138CD92C4CE43A8AF47F5BC729F5FFB39231F0984D6D4A00BC7707B38ACBC34FE4B3717D6FB3F0748BF58E6B438B3483130415A5350A762B2EC456B04C92EDCCA093ABC01B848D139B0EB5E0CDAF2337B120C7A9F0DA84B315760553E9F0C865D5CA597CA3B8F147E51B5FDCFBE276C31DE9D3BB2A0FDD16C0B8B197708909C74F0486D252A4141AAE827754BC36D969E3C1A26608F839520D37DCDF4A35C0465E5AAEF1C1EB2FA92231BD5EB11F7B3D5CDEE3921D1E2765D1C544E30CAF376FFCC95E5FE4244A2B0EDB0700A875E3E1DF1D00B0A3683C9E3E0EFB824DA86553F12A59892FDAA35C6360910F9C92F836F835880A080AA4604718AC047E615C9549094AB6D6BA89C5279EA193AA8FD5344A40EC19D16F5EBF63675A2826F247338549EC3FD62C37B0E808178FBA82A0B463135655BC2A27282ACA0DCEA123D0D199558678880914945FCE62139DC625F8070CAA3039A20DAC19CF12FA01A5F0453AE2BF6FDEB3DD759692958AECA85165601A50188AEB4AF20747A2603DAE1A2A690DD8D8DE3955836A6E4AD6C446946E4A5EF56685EAB4C92E1B97971413856A9C04956FE96ECC1426A5AC50006D84F24752FF3EEE94F806C51438B324769EA870C09692F4D95FA872C8BED486964DD6E11F5D8FA9976391C1C56987F1B3D548BFA8D4A0D662A05C6AF0C7D668C4676B09368392C44625E969A09281D6E89B5810AAA4166C5CFAA2615099ED2D67A28231B88639213C783607450A7EB0E72FF5AEED7C6E99E66AB20B1405B684E052E58C45CDC060D502EE52E981D70D11921D8290EA59812C6E349DDDD84E90786CB457DBDE00976224378CF53727A8851B7CE0505BD096AD95FF3BBD75764A42AA120C5875206B3176967E0D5C2C5205E087602B3A8B8773164F9C429FC7DE5F8933B82C4902E71CE94DFAE6587A882D3D02ED082582B6DD0BCA004CA5D1F396AD0F0BBE52521D9290E910C73687CA33A7EF75D54609A8AA4DF69E70F36A9400846CB8E43A0C56C1D5C109600ED9503FC82D094CB074FBAE8FB3029D1017C1D7650575BF2AB57D5EDF160CD1092E7D43B92FDD6CB8F99BDF7D7E13262FF17A59213DE005C846B6F1926D0EC110A85AD0D515ED4D9C76F9CA7B13E52EDF088121546A4D31908D11A9DD178116110B1DC980AFF521340B184FE5E8CF06FBD8DA7EFEE07B62D3F7B621AC82160FDE0EA111F420C431762559F7869EDC05394904CD9A29534177D5C58656F4F728C41CF1E80F819C43F5D8DD8E5A527F59DC6845F4E2BBA61E81391724E949276FB439A12CC2D32C0F875AB036E141A905CAC7DB993F184288219B40D7C48D80071CBB77A5E07E495B0DEF15292810A04C895435D0930D29BD147E26F619AE9B9B7515A942581D4B12936D091364E94103DC9F6663A81F311F9A43E92B340098C5AA156720446333E398A7524C700015DC1F30E13DC304D5019745E8E702976A74406D98F06EBF379F836C76EEDD7E92C0C01215DF10F850E40208974A91421C57D97CFC801417DD3EF8F7478AFCFE5A7E378DD574159B063F4E92FC6500E2C668B02D207D13F3419B1C0551F06D40BA7BE3CB6AAA64E8C1D9D4BCB1B0621C1E8AFC9F5286F1041B9A2BEA1AB5FE1D6373A618A72FC01958A58157A1382EB206373E4081D2ACA6CA40DC67250D9959A8D08DC1656202F8E62AC6772269F8C37DC4901220F0284836F9713520A86407E3E007611FB31CE0692A7A3B3F5FF889BAC5D29D82F74AB424F38DC3B21CA15A9580EF43A8CE3A4D06206740E925795D125B1D41C4A7E3CEEF25A7847A8F0A02C87F724B6CA6870DD067169C0E7048A7E800191F282917512F432B845D6292DBCFBDC03C5E5161705A8850B930281722BCDF850126825686A005BDD89973298A9DB758B4E0597B02E246CBC76B280CEE3636DA6E53D756B477BBEBB844BA6AE5FFF346FB4B22FDAE5082E4B1C99006F0EDC95A254894A19FAA02303765D41F2E2A4FFCCFCEFB457D86FDFFC2935E308692A3CE09AEC0E1764ABFA75E8FA940F9C20540F67161039FDEF523A184728225D6F5893D91535E110EE8C3B3ECD96B0CCB4F7A46FAFCA8320E9413047762FE56A814257CB9170A60C740826A311CE2BC60473B3EFBAAFE3103D15FA8C2306F4270244424440CF2A8AACD67F1151B110653FDFAC481B1B9A2E5B6898DE3EA24A167BC400E6032078A72BC6FE055ED8A5B71717D60B14828FBAEE1EC6D03EAE7AC6D03F319269698E348BCC13E01BE293B4D23367CD570E7C627D2AD5BB7A0872FCD1A14AFACD679E8AB8BAA90A2AD53C7450E515F7C5B7A88C2059A96D216F15215C44815998727FDE76D2B985F40D4B4ADF03E6512B4AD80FFA840AB795B41F08D0401A55F2CD23AC55ADEC717264B92B7CE21DD233AA1734B1B4D518BF2D93F922F9023C81F2994546C6F103B961A6062490C2DB2E79BD46309A8E0FBE78B098C3E800AFFC05970EABF3CA8388F414575C80E3749CA31A53F2BA88867FC385029B2134299646AA33FC00B92FACBFB46FABD85177C768AFFAFC2B5EFFE05D2C69467');
INSERT INTO "federation_raw" VALUES(10,1,1,'340000','instruments',1149,'2026-11-22 02:36:02.508828',X'78017D545F53DB46107FEFA7D0DC4CDFB07D2759C2F65367DA3CF82D5326D36933799025FF81D8E07F14CB0C332231D826069BC671122040328140A6801D5A4C8CC343BF4A589DF4C457E89E49539E72A391EE767FBBB7FBDB5DDD672C187EF0DD3C31CAE91289907B648C14A670235359F331EAA32189862294E283AA528A4418C53546AC1C89CC93588644EE93E88F7725A85DB81B3662E0E307E7F4D9CDD1D91AA0E4E7E81DF2600CB10F0BE8192E8FF9E0145676A1BF071F4FA1D9458891448DF88E1083366F1F38AF5A4EE725CACCB99890C64C4D8BB1B0A6A9F16028A18D3346138A1E4E1866D054C6757D84CC1888F40EFFF4B657A1D7737687BC7EC83B97FCF992F7A6E2BDF8C077DBFCF0CCA98B4013690C9E30992A54BE390A63585D8193E1D5A7A7DEE6B2536BF1F6DF6EFF044375EB0338DEF6DE37DCE34B785B150673D3793470FA3DFE7AE96BFAC918CAEE4DA03E398D3B4CE46AB08680CFF6A2D33D8646C77BF614F757174FDCBF0EE08F86575D87DEB6DBA9B8CB5B7CA3729BBDCFF623E1A6F48D82A4C56DBFFD8AB074098399272656885055653E5555299335157523074C098BCA7D119544EE57E77BAEBD08E735C458A2FCC6CC7451378A02F3C3AC12A454F1C74B7A269B8EFB8D990C59C06B2C8431C4E7AC3C7680E893A08F2A3E3928EE49A0E4361FD7C30D95D2EB4FDBC83285A5C7016C08E7F99980964D11EE14BE097FB7EEACD848735896A1D947ED9459C6C4180BF95586B9203C3589C0AF858573C1CCDC08A530BF1652650495267541B9B77980B58786683D4BF0232B541D6722FA62168FA962315B8804025F129CC927FF4B323099D193F1C084E009971CF44F6593E2A2F2B7CD0A293D7FDB0C4DC4A4909FEE4E48D1A8383D1463A2322AE6A024BC613BF2C13E3618ACEC406B0DF61F795B36343BCE59ED7AD8704FFA6EF514BAEB4EB305F555490E4AD06D22739EBDC177F690457E51B9690F2B276690FC1FB3C83A379A03A7B20383B66BEF43ABC68FEA7CFF028E5AD8D9B767D3CA5973C23E3A6DCE1AC5C9DFE3694B326666B1E2A6944DEB858C2EC58B462A9E176E31F090E697E53122CA43A05BF1DEAC63027CAD2A89DF82F4CBF570D37979065BCB9226B94F7A70728E1278558586EDD8EFA47F7ACAF7E8A85C1C592FC2D10BB2B0F02F7DA4E684');
CREATE TABLE federation_record (
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	native_key VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	raw_hash VARCHAR NOT NULL, 
	mapping_version VARCHAR NOT NULL, 
	seen_read INTEGER NOT NULL, 
	seen_at DATETIME NOT NULL, 
	modified_at DATETIME, 
	is_stale BOOLEAN NOT NULL, 
	withdrawn_at DATETIME, 
	raw_run INTEGER NOT NULL, 
	raw_number INTEGER NOT NULL, 
	CONSTRAINT pk_federation_record PRIMARY KEY (province, resource, native_key)
);
INSERT INTO "federation_record" VALUES('340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000000024','34-xnlj444byu63','ec99672d148f324b67a0af4de590fa64134adf467176a30f8a156cf19743734a','1-2207adbb',10,'2026-11-22 02:36:02.508828','2026-10-08 00:00:00.000000',1,NULL,1,1);
INSERT INTO "federation_record" VALUES('340000','instruments','6f270853840b38f1b1694aaedc3f0b0a|20180000001','34-ww5ex43sa47u','ba52d698e495c554918c6c80f785535a464c46bfecd3c908e773287cec23005a','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:00.000000',0,NULL,1,2);
INSERT INTO "federation_record" VALUES('340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000000211','34-cspv6ptwnqfu','7f37a2ab88ea5d3441150842632c370fa9a7662e52969f161c5024ee61d2961a','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:00.000000',0,NULL,1,3);
INSERT INTO "federation_record" VALUES('340000','instruments','e52a81ccb435aa488ce9d25eff097403|S000000305','34-nyjlowyy3imp','8082da51f9c55505c43986c911e6ee8911fce3b267af3eb0f5b1849d110d9beb','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:00.000000',0,NULL,1,5);
INSERT INTO "federation_record" VALUES('340000','instruments','e52a81ccb435aa488ce9d25eff097403|S000000421','34-exdodpkcsj54','a345c6f0b6048e63cc12b15dc2db81260518a933f96034c272b19cb99477c4e8','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:00.000000',0,NULL,1,6);
INSERT INTO "federation_record" VALUES('340000','instruments','6f270853840b38f1b1694aaedc3f0b0a|20250000005','34-lracuxjuh3gp','8e7845c1067dd1b38d50b762be11eafd5bd5969ba55280895785ff327306f5d8','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:00.000000',0,NULL,1,7);
INSERT INTO "federation_record" VALUES('340000','instruments','6f270853840b38f1b1694aaedc3f0b0a|20130000006','34-gwt6zvavjixz','683ac3ad7d63a6fa4759ee4abffa957455f2e361f330844164d0fb8f90138a1c','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:00.000000',0,NULL,1,9);
INSERT INTO "federation_record" VALUES('340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000000721','34-vszv3to6dybh','831d95530df5291813b345f8f9774e49deeeba2b832ee2ccaa2ca07b2f0c8eac','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:01.000000',0,NULL,1,10);
INSERT INTO "federation_record" VALUES('340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000000807','34-z6fnrbg6j3un','5dc0a4429e109975932f1dbb66636603c4a37f99468ac94c33660af51fbb34d1','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:01.000000',0,NULL,1,11);
INSERT INTO "federation_record" VALUES('340000','instruments','bd66b19665e48f67110f3a9fcd4d37aa|S000000925','34-7msqpdg2bjhg','1d5d070d41dfda29ed6673cfc35027d1c63716385c21c63e6ad257f2b33aa143','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:01.000000',0,NULL,1,13);
INSERT INTO "federation_record" VALUES('340000','instruments','6f270853840b38f1b1694aaedc3f0b0a|20240000010','34-ohpgudtc2y6a','1de85ec6b29c53a17c50412472e1fd185cc635940f846d2ae9c11af7acbd6e32','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:01.000000',0,NULL,1,14);
INSERT INTO "federation_record" VALUES('340000','instruments','6f270853840b38f1b1694aaedc3f0b0a|20140000011','34-6euvabqbx57t','e120000ea275338e85169e8ad2cee84eea2e0e5585349bf31664329e61fa063a','1-2207adbb',2,'2026-11-22 02:36:01.623965','2026-10-08 00:00:01.000000',0,NULL,1,15);
INSERT INTO "federation_record" VALUES('530000','instruments','21babfcb5fa2df16d12dd281ba157856|S000000012','53-6rafrsq2vrtx','233bea7ff8a74c1a7a7a1c74720515c613b758b7d4730a61028f2ac55fc97c38','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,1);
INSERT INTO "federation_record" VALUES('530000','instruments','2416ba2801957326b513332a968b1e5d|S000000124','53-xqvtb7jt3jlp','6b0f2085328ac859418bbca052c782210dc29ccf268c01454b8ffbb40fe2fd1c','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,2);
INSERT INTO "federation_record" VALUES('530000','instruments','21babfcb5fa2df16d12dd281ba157856|S000000210','53-bmbnayo34bad','f5f1dcc656e5d75edb921f8933da4645ca66f003bf0e9af2e0c0285941ecd9fb','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,3);
INSERT INTO "federation_record" VALUES('530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2021-0000003','53-sshsejltthsj','df2ad03217aae877c21d413fc71832442fc91eed32418ab195c22bfc98d52e9d','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,5);
INSERT INTO "federation_record" VALUES('530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2023-0000004','53-joykgq7l4vzp','b6997a5a19557e1953a75315f5a0f44943c4ce3c3935008a834d6c1dc5660fcb','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,6);
INSERT INTO "federation_record" VALUES('530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2023-0000005','53-24owx2447rbb','607a7915767bc114c7b4c10a05bca7c2a9bcfa9cdc4d2ee59002faa3d474dfe4','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,7);
INSERT INTO "federation_record" VALUES('530000','instruments','21babfcb5fa2df16d12dd281ba157856|S000000625','53-tbrwed3smchz','6f431af403b84a062a5d83a9e633a26d5c3df584443f74974299942b1c868c9d','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,9);
INSERT INTO "federation_record" VALUES('530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2008-0000007','53-6dyd3sbsdyoc','800fd4551643b64f20a63ffc3125b7424b664d453fe83df7ec48f7a3ea018834','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,10);
INSERT INTO "federation_record" VALUES('530000','instruments','46014064723642ea41919130b3eaf1f2|YQ2024-0000008','53-rlqayjvoquyb','487eb3ddecb81f57b4359f5972986534f39047a2c8cfd12bdf75bfc5b7026169','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,11);
INSERT INTO "federation_record" VALUES('530000','instruments','2416ba2801957326b513332a968b1e5d|S000000915','53-rrfsuo6qzqsn','94f1e802c1908dee24177833fe1e1d0fdd8e1eb4971b12a46b98e6f8d1862964','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,13);
INSERT INTO "federation_record" VALUES('530000','instruments','21babfcb5fa2df16d12dd281ba157856|S000001019','53-wcarb2ks7rzl','c2c65624bd9a545e1381c31b653ad8fdfdcfe89acfc4f9ea7bbd44b64c4efcec','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,14);
INSERT INTO "federation_record" VALUES('530000','instruments','2416ba2801957326b513332a968b1e5d|S000001125','53-lldxebb2eagq','147609f79779bf040f5c84916eba315473e06075b42451b625576e9ebcbab301','1-a495d9e3',3,'2026-11-22 02:36:02.012964',NULL,0,NULL,3,15);
INSERT INTO "federation_record" VALUES('330000','institutions','12330302430001775Y','33-u-fjggqu24vig2','5ea3619e4a29a9b5e5c62091f50694bd586e7d0cbf76e3f9b8174d68536b2814','1-f708dfd9',4,'2026-11-22 02:36:02.121198',NULL,1,NULL,4,1);
INSERT INTO "federation_record" VALUES('330000','institutions','91330502MA001QHD8R','33-u-nppaiov3ahbd','3bcce88d713f0c5053b691fac1d1e9431fe67a737052179fd773380a38582e9e','1-f708dfd9',4,'2026-11-22 02:36:02.121198',NULL,1,NULL,4,2);
INSERT INTO "federation_record" VALUES('330000','institutions','123302824500232269','33-u-ivimm2fe4vso','7246b594ae5ad0877837edc535e15c2d639ade7ebd141f4ba7668a0a8c4742a6','1-f708dfd9',4,'2026-11-22 02:36:02.121198',NULL,1,NULL,4,3);
INSERT INTO "federation_record" VALUES('330000','survey','91330502MA001QHD8R|S000000023','33-fukmtizyu6fq','83deb99e7f321bbc1e1653df213f621c9b370980bbf66f095948019efe214dee','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,1);
INSERT INTO "federation_record" VALUES('330000','survey','123302824500232269|S000000122','33-fuk3wvhqbeyx','70863ec4fbe7d4b4259c5a962cb885c18890d807c5f3f7dfd23ef862bbc43a19','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,2);
INSERT INTO "federation_record" VALUES('330000','survey','123302824500232269|S000000217','33-4ihe7nnzlcqe','ce936d84fa3c5484df35a348e7e64560388021c157100fd1e29908016c72551c','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,3);
INSERT INTO "federation_record" VALUES('330000','survey','12330302430001775Y|S000000314','33-3gmb2ut2mjtc','30fdeea3476e08ddec5b18b3dc9b36598e4da924b69337e0a78defae33dc4bdd','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,4);
INSERT INTO "federation_record" VALUES('330000','survey','123302824500232269|S000000417','33-jps4z4sicijx','9d8a4d04a0a374cda21e9eb194409392ed07bc1084742b1210544be8673294ea','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,5);
INSERT INTO "federation_record" VALUES('330000','survey','123302824500232269|S000000519','33-eapwajk7e6m7','7f9a89380bb8c14bb738b332a89ee69c1bb9972433ca06efdacff229d511a19d','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,6);
INSERT INTO "federation_record" VALUES('330000','survey','12330302430001775Y|S000000625','33-l6izvhtukz4b','816931aeb4cd988bd08337195afceca261a54e5e56f07211e16f64e783fb5cc9','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,7);
INSERT INTO "federation_record" VALUES('330000','survey','123302824500232269|S000000722','33-h26l2lhtyfc6','45f0af9dd109ee091257785726e2dca4c426c4b80e60cf813f02b62a702171e6','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,8);
INSERT INTO "federation_record" VALUES('330000','survey','12330302430001775Y|S000000812','33-ynhevpqqrbsr','455da3810499e8edb9699f913a1b3d60a4ad747325d0589a9cb0666eb0a27ddd','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,9);
INSERT INTO "federation_record" VALUES('330000','survey','123302824500232269|S000000910','33-wigyll734fzs','76c40fc9a738066cb68d0fd830a36c427de054d68eed5b4d1d5a3bb2e7184349','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,10);
INSERT INTO "federation_record" VALUES('330000','survey','12330302430001775Y|S000001018','33-23pkh33klyuk','021d695253e7f65b00df90944004c8d9c6a05abdfeef2cb0518c09aeca938b36','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,11);
INSERT INTO "federation_record" VALUES('330000','survey','12330302430001775Y|S000001125','33-vuygww653kt5','2c6f384f15273ad39bd1b6babf631aeec8616ac70511991c9b9e412b180c7ae3','1-f708dfd9',5,'2026-11-22 02:36:02.158765',NULL,1,NULL,5,12);
INSERT INTO "federation_record" VALUES('330000','instruments','91330502MA001QHD8R|S000000023','33-fukmtizyu6fq','542e838c9e9835833020d0064e74a7504c67f24ca5774f444b065beff896c0ad','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,1);
INSERT INTO "federation_record" VALUES('330000','instruments','123302824500232269|S000000122','33-fuk3wvhqbeyx','d637cd1ca5b45b53fb5fcf7fd395d710a91d132cdb2030438cc51e3ba1827d35','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,2);
INSERT INTO "federation_record" VALUES('330000','instruments','123302824500232269|S000000217','33-4ihe7nnzlcqe','f5be1bbc83192a0a78cba73ba3f6b9055cf7bbc5a2af130b69ff8ba5567c3a4c','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,3);
INSERT INTO "federation_record" VALUES('330000','instruments','12330302430001775Y|S000000314','33-3gmb2ut2mjtc','fda083bd8b9e38f7b22016b2cad9eb85a5ab80332229782494935d8d4ac0f90e','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,5);
INSERT INTO "federation_record" VALUES('330000','instruments','123302824500232269|S000000417','33-jps4z4sicijx','bb99da6381a1f0139f74270b117f603e3606a902f23a3e889b1268980e91072b','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,6);
INSERT INTO "federation_record" VALUES('330000','instruments','123302824500232269|S000000519','33-eapwajk7e6m7','49ff94735a58e538aab80ef5c274be25fb1ca47ff83670321ac21ce9aadf19f1','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,7);
INSERT INTO "federation_record" VALUES('330000','instruments','12330302430001775Y|S000000625','33-l6izvhtukz4b','bacb70baf5ae3d7f3d580f1cc93d8c68464d60dd537a3bcaf4e35d4a5cfc138a','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,9);
INSERT INTO "federation_record" VALUES('330000','instruments','123302824500232269|S000000722','33-h26l2lhtyfc6','0238a4104af1a8822f862cb7cca9a793bedc7e9bb67b6c260052f1a3c59aef21','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,10);
INSERT INTO "federation_record" VALUES('330000','instruments','12330302430001775Y|S000000812','33-ynhevpqqrbsr','29618a6aa396b805484594748d9ccc44bb98c390ab1eed8df3e58c0d013f8d84','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,11);
INSERT INTO "federation_record" VALUES('330000','instruments','123302824500232269|S000000910','33-wigyll734fzs','2d2f8cace37338b4a6b20465f6c38e95e96c03db73b7832473e1e301f8688395','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,13);
INSERT INTO "federation_record" VALUES('330000','instruments','12330302430001775Y|S000001018','33-23pkh33klyuk','8fd3a2208a8647b3101327229b9455c2ed5760ba8c38e24d8107d0fd3c395381','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,14);
INSERT INTO "federation_record" VALUES('330000','instruments','12330302430001775Y|S000001125','33-vuygww653kt5','56eb69070fc716b156b04430d95a36037df123ed9f93f34c2229814c95bf777d','1-a6bd9998',6,'2026-11-22 02:36:02.220701',NULL,1,NULL,6,15);
CREATE TABLE federation_run (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	document_name VARCHAR NOT NULL, 
	direction VARCHAR NOT NULL, 
	"trigger" VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	read_id INTEGER NOT NULL, 
	is_full BOOLEAN, 
	mapping_version VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	fence INTEGER NOT NULL, 
	lease_until DATETIME NOT NULL, 
	heartbeat_at DATETIME NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	resume_at DATETIME, 
	attempts INTEGER NOT NULL, 
	takeovers INTEGER NOT NULL, 
	verdict VARCHAR, 
	reasons JSON NOT NULL, 
	error JSON, 
	declared_total INTEGER, 
	pages INTEGER NOT NULL, 
	received INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	updated INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	repeated INTEGER NOT NULL, 
	quarantined INTEGER NOT NULL, 
	duplicates INTEGER NOT NULL, 
	unidentified INTEGER NOT NULL, 
	tombstones INTEGER NOT NULL, 
	withdrawn INTEGER NOT NULL, 
	held INTEGER NOT NULL, 
	bytes INTEGER NOT NULL, 
	raw_kept INTEGER NOT NULL, 
	boundary JSON NOT NULL, 
	CONSTRAINT pk_federation_run PRIMARY KEY (id)
);
INSERT INTO "federation_run" VALUES(1,'340000','instruments','instrument','push','push','key:340000.22696e37bb','finished',1,0,'1-2207adbb','vm:6276:fc2bb0d5:njW_ieEg',1,'2026-11-22 02:36:01.592150','2026-11-22 02:36:01.592150','2026-11-22 02:36:01.522033','2026-11-22 02:36:01.592150',NULL,0,0,'complete','[]',NULL,NULL,1,16,12,0,0,0,4,1,1,0,0,0,20121,16,'{"pages":1,"received":16,"created":12,"updated":0,"unchanged":0,"repeated":0,"quarantined":4,"duplicates":1,"unidentified":1,"tombstones":0,"bytes":20121,"raw_kept":16}');
INSERT INTO "federation_run" VALUES(2,'340000','instruments','instrument','push','digest','key:340000.22696e37bb','finished',2,1,'1-2207adbb','vm:6276:fc2bb0d5:dWaCqGjA',1,'2026-11-22 02:36:01.640140','2026-11-22 02:36:01.640140','2026-11-22 02:36:01.617512','2026-11-22 02:36:01.640140',NULL,0,0,'complete','[]',NULL,NULL,1,14,0,0,12,0,0,0,0,0,0,0,0,0,'{"pages":1,"received":14,"created":0,"updated":0,"unchanged":12,"repeated":0,"quarantined":0,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":0,"raw_kept":0}');
INSERT INTO "federation_run" VALUES(3,'530000','instruments','instrument','upload','upload','account:staff-530000','finished',3,1,'1-a495d9e3','outbox:1',1,'2026-11-22 02:36:02.053042','2026-11-22 02:36:02.053042','2026-11-22 02:36:01.970839','2026-11-22 02:36:02.053042',NULL,0,0,'complete','[]',NULL,NULL,1,16,12,0,0,0,4,1,1,0,0,0,26542,16,'{"pages":1,"received":16,"created":12,"updated":0,"unchanged":0,"repeated":0,"quarantined":4,"duplicates":1,"unidentified":1,"tombstones":0,"bytes":26542,"raw_kept":16}');
INSERT INTO "federation_run" VALUES(4,'330000','institutions','institution','pull','manual','system:test','finished',4,1,'1-f708dfd9','vm:6276:fc2bb0d5',1,'2026-11-22 02:36:02.136129','2026-11-22 02:36:02.136129','2026-11-22 02:36:02.081535','2026-11-22 02:36:02.136129',NULL,0,0,'complete','[]',NULL,3,1,3,3,0,0,0,0,0,0,0,0,0,1918,3,'{"pages":1,"received":3,"created":3,"updated":0,"unchanged":0,"repeated":0,"quarantined":0,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":1918,"raw_kept":3}');
INSERT INTO "federation_run" VALUES(5,'330000','survey','instrument-survey','pull','manual','system:test','finished',5,1,'1-f708dfd9','vm:6276:fc2bb0d5',1,'2026-11-22 02:36:02.192128','2026-11-22 02:36:02.192128','2026-11-22 02:36:02.142537','2026-11-22 02:36:02.192128',NULL,0,0,'complete','[]',NULL,12,1,12,12,0,0,0,0,0,0,0,0,0,7075,12,'{"pages":1,"received":12,"created":12,"updated":0,"unchanged":0,"repeated":0,"quarantined":0,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":7075,"raw_kept":12}');
INSERT INTO "federation_run" VALUES(6,'330000','instruments','instrument','pull','manual','system:test','finished',6,1,'1-a6bd9998','vm:6276:fc2bb0d5',1,'2026-11-22 02:36:02.246359','2026-11-22 02:36:02.246359','2026-11-22 02:36:02.202664','2026-11-22 02:36:02.246359',NULL,0,0,'complete','[]',NULL,16,1,16,0,12,0,0,4,1,1,0,0,0,16717,16,'{"pages":1,"received":16,"created":0,"updated":12,"unchanged":0,"repeated":0,"quarantined":4,"duplicates":1,"unidentified":1,"tombstones":0,"bytes":16717,"raw_kept":16}');
INSERT INTO "federation_run" VALUES(7,'330000','institutions','institution','pull','manual','system:test','finished',7,1,'1-f708dfd9','vm:6276:fc2bb0d5',1,'2026-11-22 02:36:02.307858','2026-11-22 02:36:02.307858','2026-11-22 02:36:02.252234','2026-11-22 02:36:02.307858',NULL,0,0,'suspect','[{"code":"deletes_everything","zh":"3 条记录将全部消失","en":"all 3 records would disappear"},{"code":"sharp_drop","zh":"上次完整读取 3 条，本次只有 0 条","en":"the last full read had 3 records, this one 0"}]',NULL,0,1,0,0,0,0,0,0,0,0,0,0,3,0,0,'{"pages":1,"received":0,"created":0,"updated":0,"unchanged":0,"repeated":0,"quarantined":0,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":0,"raw_kept":0}');
INSERT INTO "federation_run" VALUES(8,'330000','survey','instrument-survey','pull','manual','system:test','finished',8,1,'1-f708dfd9','vm:6276:fc2bb0d5',1,'2026-11-22 02:36:02.390377','2026-11-22 02:36:02.390377','2026-11-22 02:36:02.314480','2026-11-22 02:36:02.390377',NULL,0,0,'suspect','[{"code":"deletes_everything","zh":"12 条记录将全部消失","en":"all 12 records would disappear"},{"code":"sharp_drop","zh":"上次完整读取 12 条，本次只有 0 条","en":"the last full read had 12 records, this one 0"}]',NULL,0,1,0,0,0,0,0,0,0,0,0,0,12,0,0,'{"pages":1,"received":0,"created":0,"updated":0,"unchanged":0,"repeated":0,"quarantined":0,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":0,"raw_kept":0}');
INSERT INTO "federation_run" VALUES(9,'330000','instruments','instrument','pull','manual','system:test','finished',9,1,'1-a6bd9998','vm:6276:fc2bb0d5',1,'2026-11-22 02:36:02.475005','2026-11-22 02:36:02.475005','2026-11-22 02:36:02.400678','2026-11-22 02:36:02.475005',NULL,0,0,'suspect','[{"code":"deletes_everything","zh":"12 条记录将全部消失","en":"all 12 records would disappear"},{"code":"sharp_drop","zh":"上次完整读取 16 条，本次只有 0 条","en":"the last full read had 16 records, this one 0"}]',NULL,0,1,0,0,0,0,0,0,0,0,0,0,12,0,0,'{"pages":1,"received":0,"created":0,"updated":0,"unchanged":0,"repeated":0,"quarantined":0,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":0,"raw_kept":0}');
INSERT INTO "federation_run" VALUES(10,'340000','instruments','instrument','push','push','key:340000.22696e37bb','finished',10,0,'1-2207adbb','vm:6276:fc2bb0d5:un6VFffg',1,'2026-11-22 02:36:02.523468','2026-11-22 02:36:02.523468','2026-11-22 02:36:02.492872','2026-11-22 02:36:02.523468',NULL,0,0,'complete','[]',NULL,NULL,1,1,0,0,0,0,1,0,0,0,0,0,1149,1,'{"pages":1,"received":1,"created":0,"updated":0,"unchanged":0,"repeated":0,"quarantined":1,"duplicates":0,"unidentified":0,"tombstones":0,"bytes":1149,"raw_kept":1}');
CREATE TABLE federation_worklist (
	province VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	code_table VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	pointer VARCHAR NOT NULL, 
	occurrences INTEGER NOT NULL, 
	example_key VARCHAR, 
	mapping_version VARCHAR NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	CONSTRAINT pk_federation_worklist PRIMARY KEY (province, resource, code_table, value)
);
INSERT INTO "federation_worklist" VALUES('340000','instruments','running_state','封存','/running_state',1,'bd66b19665e48f67110f3a9fcd4d37aa|S000000024','1-2207adbb','2026-11-22 02:36:02.508828','2026-11-22 02:36:02.508828',NULL);
CREATE TABLE identity_access_token (
	jti VARCHAR NOT NULL, 
	platform_id VARCHAR NOT NULL, 
	kid VARCHAR, 
	scopes JSON NOT NULL, 
	issued_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_identity_access_token PRIMARY KEY (jti), 
	CONSTRAINT fk_identity_access_token_platform_id_identity_platform FOREIGN KEY(platform_id) REFERENCES identity_platform (id)
);
CREATE TABLE "identity_account" (
	id INTEGER NOT NULL, 
	username VARCHAR NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	person_id VARCHAR NOT NULL, 
	CONSTRAINT pk_identity_account PRIMARY KEY (id), 
	CONSTRAINT uq_identity_account_username UNIQUE (username), 
	CONSTRAINT fk_identity_account_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
INSERT INTO "identity_account" VALUES(1,'staff-340000','$argon2id$v=19$m=19456,t=2,p=1$Zf4bcSAIfUl8WeFgU0U6aQ$aQqRDWo40oMXKU8f/B6XrjfkqPtNqVa6UrRSoAh0Nig','2026-11-22 02:36:01.361364','p-fpyufldgq35fqbxibjmxfe6s7i');
INSERT INTO "identity_account" VALUES(2,'staff-530000','$argon2id$v=19$m=19456,t=2,p=1$7nf62QLueOipa0AVb3AIQg$VFqYnFOsnfxyEsiGF99ZjR+6kYijtx1Tr2YAGcNnxaA','2026-11-22 02:36:01.407815','p-fnwxfjvprun227z4kx3yvssbmy');
INSERT INTO "identity_account" VALUES(3,'admin','$argon2id$v=19$m=19456,t=2,p=1$DvyVueLa+nSewv19VvacFQ$64IY/dKK+8Z+SA2vyVahW+2jqX7sL6Cqcik2CQEYqHY','2026-11-22 02:36:02.701130','p-swoulayyi54aunwx66uzrphdlq');
CREATE TABLE identity_audit_head (
	day DATE NOT NULL, 
	number INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	kid VARCHAR NOT NULL, 
	jws VARCHAR NOT NULL, 
	signed_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity_audit_head PRIMARY KEY (day)
);
CREATE TABLE identity_audit_head_delivery (
	day DATE NOT NULL, 
	province VARCHAR NOT NULL, 
	delivered_at DATETIME, 
	CONSTRAINT pk_identity_audit_head_delivery PRIMARY KEY (day, province), 
	CONSTRAINT fk_identity_audit_head_delivery_day_identity_audit_head FOREIGN KEY(day) REFERENCES identity_audit_head (day)
);
CREATE TABLE identity_case (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	enterprise_id VARCHAR, 
	credit_code VARCHAR NOT NULL, 
	enterprise_name VARCHAR NOT NULL, 
	person_id VARCHAR, 
	provider VARCHAR, 
	from_area VARCHAR, 
	to_area VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	reasons JSON NOT NULL, 
	opened_at DATETIME NOT NULL, 
	times_seen INTEGER NOT NULL, 
	given_up_by VARCHAR, 
	given_up_at DATETIME, 
	taken_over_by VARCHAR, 
	taken_over_at DATETIME, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	note VARCHAR NOT NULL, 
	CONSTRAINT pk_identity_case PRIMARY KEY (id), 
	CONSTRAINT ck_identity_case_kind CHECK (kind IN ('verification', 'move', 'foreign_claim')), 
	CONSTRAINT ck_identity_case_state CHECK (state IN ('open', 'confirmed', 'refused', 'withdrawn')), 
	CONSTRAINT fk_identity_case_enterprise_id_identity_party FOREIGN KEY(enterprise_id) REFERENCES identity_party (id), 
	CONSTRAINT fk_identity_case_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
CREATE TABLE identity_case_document (
	id INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	content BLOB, 
	handed_in_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity_case_document PRIMARY KEY (id), 
	CONSTRAINT fk_identity_case_document_case_id_identity_case FOREIGN KEY(case_id) REFERENCES identity_case (id)
);
CREATE TABLE identity_grant (
	id INTEGER NOT NULL, 
	person_id VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	party_id VARCHAR, 
	province VARCHAR, 
	area VARCHAR, 
	terms VARCHAR NOT NULL, 
	granted_by VARCHAR NOT NULL, 
	granted_at DATETIME NOT NULL, 
	used_at DATETIME, 
	ended_at DATETIME, 
	ended_by VARCHAR, 
	CONSTRAINT pk_identity_grant PRIMARY KEY (id), 
	CONSTRAINT fk_identity_grant_party_id_identity_party FOREIGN KEY(party_id) REFERENCES identity_party (id), 
	CONSTRAINT fk_identity_grant_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
INSERT INTO "identity_grant" VALUES(1,'p-fpyufldgq35fqbxibjmxfe6s7i','province_staff',NULL,'340000','34','province_staff||340000|34','system:test','2026-11-22 02:36:01.361364',NULL,NULL,NULL);
INSERT INTO "identity_grant" VALUES(2,'p-fnwxfjvprun227z4kx3yvssbmy','province_staff',NULL,'530000','53','province_staff||530000|53','system:test','2026-11-22 02:36:01.407815','2026-11-22 02:36:01.672459',NULL,NULL);
INSERT INTO "identity_grant" VALUES(3,'p-swoulayyi54aunwx66uzrphdlq','hub_admin',NULL,NULL,NULL,'hub_admin|||','system:test','2026-11-22 02:36:02.701130','2026-11-22 02:36:02.773393',NULL,NULL);
CREATE TABLE identity_home (
	id INTEGER NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	area VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	basis VARCHAR NOT NULL, 
	verified_by VARCHAR NOT NULL, 
	verified_at DATETIME NOT NULL, 
	recheck_on DATE NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME, 
	CONSTRAINT pk_identity_home PRIMARY KEY (id), 
	CONSTRAINT ck_identity_home_basis CHECK (basis IN ('provider_claim', 'register_document', 'bureau_staff')), 
	CONSTRAINT fk_identity_home_enterprise_id_identity_party FOREIGN KEY(enterprise_id) REFERENCES identity_party (id)
);
CREATE TABLE identity_invitation (
	id INTEGER NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	party_id VARCHAR, 
	province VARCHAR, 
	area VARCHAR, 
	note VARCHAR NOT NULL, 
	invited_by VARCHAR NOT NULL, 
	invited_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	used_by VARCHAR, 
	withdrawn_at DATETIME, 
	CONSTRAINT pk_identity_invitation PRIMARY KEY (id), 
	CONSTRAINT fk_identity_invitation_party_id_identity_party FOREIGN KEY(party_id) REFERENCES identity_party (id), 
	CONSTRAINT fk_identity_invitation_used_by_identity_person FOREIGN KEY(used_by) REFERENCES identity_person (id), 
	CONSTRAINT uq_identity_invitation_token_hash UNIQUE (token_hash)
);
CREATE TABLE identity_key (
	id VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	secret_hash VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_identity_key PRIMARY KEY (id)
);
INSERT INTO "identity_key" VALUES('22696e37bb','340000','sync','c8c512a9aeac5326d10df3e56694bc978eb5c62a0b03f3c7c1076560d5f879fa','test','2026-11-22 02:36:01.405831',NULL);
INSERT INTO "identity_key" VALUES('abed947a84','530000','sync','2bdbe465f445b41719da509859cce0499c8ac77ba117d0a45353c4b375945f6f','test','2026-11-22 02:36:01.436670',NULL);
CREATE TABLE identity_party (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	credit_code VARCHAR, 
	is_demo BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity_party PRIMARY KEY (id), 
	CONSTRAINT ck_identity_party_kind CHECK (kind IN ('enterprise', 'institution', 'operator'))
);
CREATE TABLE identity_person (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	erased_at DATETIME, 
	CONSTRAINT pk_identity_person PRIMARY KEY (id), 
	CONSTRAINT uq_identity_person_name UNIQUE (name)
);
INSERT INTO "identity_person" VALUES('p-fpyufldgq35fqbxibjmxfe6s7i','account:staff-340000','staff-340000',1,1,'2026-11-22 02:36:01.361364',NULL);
INSERT INTO "identity_person" VALUES('p-fnwxfjvprun227z4kx3yvssbmy','account:staff-530000','staff-530000',1,1,'2026-11-22 02:36:01.407815',NULL);
INSERT INTO "identity_person" VALUES('p-swoulayyi54aunwx66uzrphdlq','account:admin','admin',1,1,'2026-11-22 02:36:02.701130',NULL);
CREATE TABLE identity_platform (
	id VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	auth_method VARCHAR NOT NULL, 
	secret_hash VARCHAR, 
	scopes JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_identity_platform PRIMARY KEY (id), 
	CONSTRAINT ck_identity_platform_secret CHECK ((auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL)), 
	CONSTRAINT ck_identity_platform_auth_method CHECK (auth_method IN ('private_key_jwt', 'client_secret_basic'))
);
CREATE TABLE identity_platform_invitation (
	id VARCHAR NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	auth_method VARCHAR NOT NULL, 
	scopes JSON NOT NULL, 
	invited_by VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	withdrawn_at DATETIME, 
	platform_id VARCHAR, 
	CONSTRAINT pk_identity_platform_invitation PRIMARY KEY (id), 
	CONSTRAINT fk_identity_platform_invitation_platform_id_identity_platform FOREIGN KEY(platform_id) REFERENCES identity_platform (id)
);
CREATE TABLE identity_platform_key (
	platform_id VARCHAR NOT NULL, 
	kid VARCHAR NOT NULL, 
	algorithm VARCHAR NOT NULL, 
	jwk JSON NOT NULL, 
	thumbprint VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	retired_at DATETIME, 
	CONSTRAINT pk_identity_platform_key PRIMARY KEY (platform_id, kid), 
	CONSTRAINT ck_identity_platform_key_algorithm CHECK (algorithm IN ('ES256', 'EdDSA')), 
	CONSTRAINT fk_identity_platform_key_platform_id_identity_platform FOREIGN KEY(platform_id) REFERENCES identity_platform (id)
);
CREATE TABLE identity_provider_login (
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	person_id VARCHAR NOT NULL, 
	linked_at DATETIME NOT NULL, 
	used_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity_provider_login PRIMARY KEY (issuer, subject), 
	CONSTRAINT fk_identity_provider_login_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
CREATE TABLE identity_recovery_code (
	person_id VARCHAR NOT NULL, 
	code_hash VARCHAR NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_identity_recovery_code PRIMARY KEY (person_id, code_hash), 
	CONSTRAINT fk_identity_recovery_code_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
CREATE TABLE identity_second_factor (
	person_id VARCHAR NOT NULL, 
	sealing_key VARCHAR NOT NULL, 
	sealed_secret VARCHAR NOT NULL, 
	confirmed_at DATETIME, 
	last_step INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity_second_factor PRIMARY KEY (person_id), 
	CONSTRAINT fk_identity_second_factor_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
CREATE TABLE identity_session (
	key_hash VARCHAR NOT NULL, 
	person_id VARCHAR NOT NULL, 
	grant_id INTEGER, 
	secret_hash VARCHAR NOT NULL, 
	previous_hash VARCHAR, 
	offered_hash VARCHAR, 
	offer_box VARCHAR, 
	rotated_at DATETIME NOT NULL, 
	second_factor_at DATETIME, 
	agent VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_identity_session PRIMARY KEY (key_hash), 
	CONSTRAINT fk_identity_session_grant_id_identity_grant FOREIGN KEY(grant_id) REFERENCES identity_grant (id), 
	CONSTRAINT fk_identity_session_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
INSERT INTO "identity_session" VALUES('dabf39f74d2939521c1e7c629dcc874d857ac042af45893b7d0d945fded5b12c','p-fnwxfjvprun227z4kx3yvssbmy',2,'6d2044baa5a5721ee73cf596478ae43e56f953c8cdd1cd6ee4cd6d17c74bfc76',NULL,NULL,NULL,'2026-11-22 02:36:01.672459',NULL,'-','2026-11-22 02:36:01.672459','2026-11-22 14:36:01.672459',NULL);
INSERT INTO "identity_session" VALUES('12e2add119acd5f838a6023d27fa1825414557ea19d8f0e3758bcb999e0d3902','p-swoulayyi54aunwx66uzrphdlq',3,'b1dac2f9ff58e67d7011e24cf01e7ca215161299466ed59477399e9a9b00df08',NULL,NULL,NULL,'2026-11-22 02:36:02.773393',NULL,'-','2026-11-22 02:36:02.773393','2026-11-22 14:36:02.773393',NULL);
CREATE TABLE identity_sign_in_attempt (
	token_hash VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	provider VARCHAR, 
	state_hash VARCHAR, 
	nonce VARCHAR, 
	verifier VARCHAR, 
	person_id VARCHAR, 
	via VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_identity_sign_in_attempt PRIMARY KEY (token_hash), 
	CONSTRAINT ck_identity_sign_in_attempt_person CHECK ((purpose = 'second_factor') = (person_id IS NOT NULL)), 
	CONSTRAINT ck_identity_sign_in_attempt_purpose CHECK (purpose IN ('provider', 'second_factor')), 
	CONSTRAINT fk_identity_sign_in_attempt_person_id_identity_person FOREIGN KEY(person_id) REFERENCES identity_person (id)
);
CREATE TABLE identity_signing_key (
	kid VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	jwk JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	signs_from DATETIME NOT NULL, 
	signs_until DATETIME, 
	published_until DATETIME, 
	CONSTRAINT pk_identity_signing_key PRIMARY KEY (kid)
);
INSERT INTO "identity_signing_key" VALUES('hub-20261122-NkBNuPky','token','{"crv":"P-256","x":"EbcHk1LuREurgn9vZKFEPd4_zygmSflLh0rv7Ffx-ig","y":"mZqMCoor6lYbdw3lPwOKRn_KexKBLJHddtu7mBQAnaw","kty":"EC"}','2026-11-22 02:36:01.279455','2026-11-22 02:36:01.279455',NULL,NULL);
CREATE TABLE identity_spent_assertion (
	platform_id VARCHAR NOT NULL, 
	jti_hash VARCHAR NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity_spent_assertion PRIMARY KEY (platform_id, jti_hash), 
	CONSTRAINT fk_identity_spent_assertion_platform_id_identity_platform FOREIGN KEY(platform_id) REFERENCES identity_platform (id)
);
CREATE TABLE identity_station (
	province VARCHAR NOT NULL, 
	operator_id VARCHAR NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_identity_station PRIMARY KEY (province), 
	CONSTRAINT fk_identity_station_operator_id_identity_party FOREIGN KEY(operator_id) REFERENCES identity_party (id)
);
CREATE TABLE identity_throttle (
	name VARCHAR NOT NULL, 
	failures INTEGER NOT NULL, 
	first_at DATETIME NOT NULL, 
	blocked_until DATETIME, 
	CONSTRAINT pk_identity_throttle PRIMARY KEY (name)
);
INSERT INTO "identity_throttle" VALUES('account:staff-530000',0,'2026-11-22 02:36:01.672459',NULL);
INSERT INTO "identity_throttle" VALUES('address:127.0.0.1',1,'2026-11-22 02:36:01.672459',NULL);
INSERT INTO "identity_throttle" VALUES('account:nobody',1,'2026-11-22 02:36:02.533598',NULL);
INSERT INTO "identity_throttle" VALUES('pair:nobody@127.0.0.1',1,'2026-11-22 02:36:02.533598',NULL);
INSERT INTO "identity_throttle" VALUES('account:admin',0,'2026-11-22 02:36:02.773393',NULL);
CREATE TABLE notices_contact (
	recipient VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	secret VARCHAR, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_notices_contact PRIMARY KEY (recipient, channel)
);
CREATE TABLE notices_delivery (
	id INTEGER NOT NULL, 
	notice_id INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	sent_at DATETIME, 
	failed_at DATETIME, 
	fault VARCHAR, 
	CONSTRAINT pk_notices_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_notices_delivery_notice_id_notices_notice FOREIGN KEY(notice_id) REFERENCES notices_notice (id), 
	CONSTRAINT uq_notices_delivery_notice_id_channel UNIQUE (notice_id, channel)
);
CREATE TABLE notices_notice (
	id INTEGER NOT NULL, 
	recipient VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	template VARCHAR NOT NULL, 
	"values" JSON NOT NULL, 
	subject VARCHAR NOT NULL, 
	link VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	read_at DATETIME, 
	CONSTRAINT pk_notices_notice PRIMARY KEY (id), 
	CONSTRAINT uq_notices_notice_recipient_key UNIQUE (recipient, "key")
);
CREATE TABLE notices_preference (
	recipient VARCHAR NOT NULL, 
	lang VARCHAR NOT NULL, 
	quiet_start TIME NOT NULL, 
	quiet_end TIME NOT NULL, 
	CONSTRAINT pk_notices_preference PRIMARY KEY (recipient)
);
CREATE TABLE notices_webhook (
	id VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	party VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	secret VARCHAR NOT NULL, 
	delivered INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	rests_until DATETIME, 
	fault VARCHAR, 
	created_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	ended_at DATETIME, 
	CONSTRAINT pk_notices_webhook PRIMARY KEY (id)
);
CREATE TABLE settlement_account (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	balance_fen INTEGER NOT NULL, 
	CONSTRAINT pk_settlement_account PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_account_kind CHECK (kind IN ('authority', 'pool', 'voucher', 'held', 'captured', 'payable', 'receivable', 'clearing', 'bank')), 
	CONSTRAINT ck_settlement_account_balance CHECK (balance_fen >= 0 OR kind IN ('authority', 'payable', 'receivable', 'clearing', 'bank'))
);
CREATE TABLE settlement_allotment_telling (
	programme_id VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	holder_code VARCHAR NOT NULL, 
	fen INTEGER NOT NULL, 
	valid_until DATE NOT NULL, 
	way VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	allotted_fen INTEGER NOT NULL, 
	left_fen INTEGER NOT NULL, 
	held_fen INTEGER NOT NULL, 
	captured_fen INTEGER NOT NULL, 
	heard_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_allotment_telling PRIMARY KEY (programme_id, external_id, revision), 
	CONSTRAINT ck_settlement_allotment_telling_outcome CHECK (outcome IN ('done', 'partly'))
);
CREATE TABLE settlement_allowance (
	programme_id VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	used_fen INTEGER NOT NULL, 
	CONSTRAINT pk_settlement_allowance PRIMARY KEY (programme_id, holder, year), 
	CONSTRAINT ck_settlement_allowance_used CHECK (used_fen >= 0)
);
CREATE TABLE settlement_application (
	id VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	programme_version INTEGER NOT NULL, 
	area VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	holder VARCHAR NOT NULL, 
	holder_name VARCHAR NOT NULL, 
	credit_code VARCHAR NOT NULL, 
	home_area VARCHAR NOT NULL, 
	once VARCHAR, 
	state VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	fen INTEGER NOT NULL, 
	approved_fen INTEGER, 
	answers JSON NOT NULL, 
	missing JSON NOT NULL, 
	reason VARCHAR NOT NULL, 
	external_reference VARCHAR, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	submitted_at DATETIME, 
	first_by VARCHAR, 
	first_at DATETIME, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	grant_id VARCHAR, 
	CONSTRAINT pk_settlement_application PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_application_grant CHECK ((state = 'granted') = (grant_id IS NOT NULL)), 
	CONSTRAINT ck_settlement_application_two_people CHECK (decided_by IS NULL OR first_by IS NULL OR decided_by <> first_by OR state = 'refused'), 
	CONSTRAINT ck_settlement_application_state CHECK (state IN ('draft', 'submitted', 'papers_missing', 'approved_once', 'waiting_budget', 'granted', 'refused', 'withdrawn', 'handed_over')), 
	CONSTRAINT ck_settlement_application_fen CHECK (fen > 0), 
	CONSTRAINT fk_settlement_application_grant_id_settlement_grant FOREIGN KEY(grant_id) REFERENCES settlement_grant (id), 
	CONSTRAINT uq_settlement_application_number UNIQUE (number), 
	CONSTRAINT uq_settlement_application_once UNIQUE (once)
);
CREATE TABLE settlement_application_event (
	id INTEGER NOT NULL, 
	application_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	command VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	to_state VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_application_event PRIMARY KEY (id), 
	CONSTRAINT fk_settlement_application_event_application_id_settlement_application FOREIGN KEY(application_id) REFERENCES settlement_application (id), 
	CONSTRAINT uq_settlement_application_event_application_id_number UNIQUE (application_id, number)
);
CREATE TABLE settlement_application_paper (
	id INTEGER NOT NULL, 
	application_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	content BLOB, 
	handed_in_by VARCHAR NOT NULL, 
	handed_in_at DATETIME NOT NULL, 
	removed_at DATETIME, 
	CONSTRAINT pk_settlement_application_paper PRIMARY KEY (id), 
	CONSTRAINT fk_settlement_application_paper_application_id_settlement_application FOREIGN KEY(application_id) REFERENCES settlement_application (id)
);
CREATE TABLE settlement_batch (
	id VARCHAR NOT NULL, 
	period_id VARCHAR NOT NULL, 
	visited VARCHAR NOT NULL, 
	home VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	cutoff_at DATETIME, 
	lines INTEGER NOT NULL, 
	fee_fen INTEGER NOT NULL, 
	voucher_fen INTEGER NOT NULL, 
	own_fen INTEGER NOT NULL, 
	sha256 VARCHAR, 
	maker VARCHAR, 
	checker VARCHAR, 
	submitted_at DATETIME, 
	review_until DATETIME, 
	agreed_at DATETIME, 
	posted_at DATETIME, 
	statement_id VARCHAR, 
	closed_at DATETIME, 
	sealed_sha256 VARCHAR, 
	CONSTRAINT pk_settlement_batch PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_batch_state CHECK (state IN ('open', 'closing', 'calculated', 'under_review', 'returned', 'agreed', 'posted', 'paid', 'closed')), 
	CONSTRAINT ck_settlement_batch_shares CHECK (fee_fen = voucher_fen + own_fen), 
	CONSTRAINT ck_settlement_batch_two_people CHECK (maker IS NULL OR checker IS NULL OR maker <> checker), 
	CONSTRAINT fk_settlement_batch_period_id_settlement_period FOREIGN KEY(period_id) REFERENCES settlement_period (id), 
	CONSTRAINT uq_settlement_batch_period_id_visited_home UNIQUE (period_id, visited, home)
);
CREATE TABLE settlement_batch_event (
	batch_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	command VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	sha256 VARCHAR, 
	detail JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_batch_event PRIMARY KEY (batch_id, number), 
	CONSTRAINT fk_settlement_batch_event_batch_id_settlement_batch FOREIGN KEY(batch_id) REFERENCES settlement_batch (id)
);
CREATE TABLE settlement_calculation (
	batch_id VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	lines_sha256 VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	calculated_at DATETIME NOT NULL, 
	calculated_by VARCHAR NOT NULL, 
	CONSTRAINT pk_settlement_calculation PRIMARY KEY (batch_id, revision), 
	CONSTRAINT fk_settlement_calculation_batch_id_settlement_batch FOREIGN KEY(batch_id) REFERENCES settlement_batch (id)
);
CREATE TABLE settlement_channel_message (
	channel VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	attempt_id VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_channel_message PRIMARY KEY (channel, message_id)
);
CREATE TABLE settlement_check (
	reference VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	verdict VARCHAR NOT NULL, 
	findings JSON NOT NULL, 
	checked_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_check PRIMARY KEY (reference, number), 
	CONSTRAINT ck_settlement_check_verdict CHECK (verdict IN ('seamless', 'papers', 'own', 'waiting'))
);
CREATE TABLE settlement_claim (
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	payer_area VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	payee_kind VARCHAR NOT NULL, 
	payee_id VARCHAR NOT NULL, 
	base_fen INTEGER NOT NULL, 
	fen INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	applied_by VARCHAR NOT NULL, 
	applied_at DATETIME NOT NULL, 
	first_by VARCHAR, 
	first_at DATETIME, 
	second_by VARCHAR, 
	second_at DATETIME, 
	reason VARCHAR, 
	listed_as VARCHAR, 
	paid_as VARCHAR, 
	paid_at DATETIME, 
	CONSTRAINT pk_settlement_claim PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_claim_kind CHECK (kind IN ('rebate', 'owner_subsidy')), 
	CONSTRAINT ck_settlement_claim_payee_kind CHECK (payee_kind IN ('enterprise', 'institution')), 
	CONSTRAINT ck_settlement_claim_state CHECK (state IN ('applied', 'checked', 'approved', 'listed', 'paid', 'refused', 'withdrawn')), 
	CONSTRAINT ck_settlement_claim_fen CHECK (fen >= 0 AND fen <= base_fen), 
	CONSTRAINT ck_settlement_claim_two_people CHECK (second_by IS NULL OR second_by <> first_by), 
	CONSTRAINT uq_settlement_claim_payee_id_key UNIQUE (payee_id, "key")
);
CREATE TABLE settlement_claim_line (
	claim_id VARCHAR NOT NULL, 
	line_id INTEGER NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	instrument_id VARCHAR, 
	fen INTEGER NOT NULL, 
	is_live BOOLEAN NOT NULL, 
	CONSTRAINT pk_settlement_claim_line PRIMARY KEY (claim_id, line_id), 
	CONSTRAINT fk_settlement_claim_line_claim_id_settlement_claim FOREIGN KEY(claim_id) REFERENCES settlement_claim (id), 
	CONSTRAINT fk_settlement_claim_line_line_id_settlement_line FOREIGN KEY(line_id) REFERENCES settlement_line (id)
);
CREATE TABLE settlement_command_key (
	subject VARCHAR, 
	actor VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	body_hash VARCHAR NOT NULL, 
	answer JSON, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_command_key PRIMARY KEY (actor, "key")
);
CREATE TABLE settlement_comparison (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	day DATE NOT NULL, 
	state VARCHAR NOT NULL, 
	compared INTEGER NOT NULL, 
	differing INTEGER NOT NULL, 
	error JSON, 
	taken_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_comparison PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_comparison_state CHECK (state IN ('agreeing', 'differing', 'unheard'))
);
CREATE TABLE settlement_comparison_line (
	comparison_id INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	programme_id VARCHAR, 
	external_id VARCHAR NOT NULL, 
	area VARCHAR, 
	holder VARCHAR, 
	allotted_fen INTEGER, 
	held_fen INTEGER, 
	captured_fen INTEGER, 
	redeemed_fen INTEGER, 
	their_allotted_fen INTEGER, 
	their_held_fen INTEGER, 
	their_captured_fen INTEGER, 
	their_redeemed_fen INTEGER, 
	CONSTRAINT pk_settlement_comparison_line PRIMARY KEY (comparison_id, line), 
	CONSTRAINT ck_settlement_comparison_line_kind CHECK (kind IN ('same', 'differs', 'missing_there', 'missing_here')), 
	CONSTRAINT fk_settlement_comparison_line_comparison_id_settlement_comparison FOREIGN KEY(comparison_id) REFERENCES settlement_comparison (id)
);
CREATE TABLE settlement_credit (
	id INTEGER NOT NULL, 
	line_id INTEGER NOT NULL, 
	batch_id VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	maker VARCHAR NOT NULL, 
	proposed_at DATETIME NOT NULL, 
	checker VARCHAR, 
	decided_at DATETIME, 
	document_id VARCHAR, 
	payback_fen INTEGER NOT NULL, 
	payback_reference VARCHAR, 
	payback_on DATE, 
	payback_sha256 VARCHAR, 
	paid_back_by VARCHAR, 
	paid_back_at DATETIME, 
	CONSTRAINT pk_settlement_credit PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_credit_state CHECK (state IN ('proposed', 'issued', 'refused')), 
	CONSTRAINT ck_settlement_credit_two_people CHECK (checker IS NULL OR maker <> checker), 
	CONSTRAINT fk_settlement_credit_batch_id_settlement_batch FOREIGN KEY(batch_id) REFERENCES settlement_batch (id), 
	CONSTRAINT fk_settlement_credit_line_id_settlement_line FOREIGN KEY(line_id) REFERENCES settlement_line (id)
);
CREATE TABLE settlement_delivery (
	id INTEGER NOT NULL, 
	document_id VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	deadline DATETIME NOT NULL, 
	holder VARCHAR, 
	lease_until DATETIME, 
	fence INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	lookups INTEGER NOT NULL, 
	sent_at DATETIME, 
	done_at DATETIME, 
	remote_id VARCHAR, 
	last_error JSON, 
	CONSTRAINT pk_settlement_delivery PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_delivery_state CHECK (state IN ('pending', 'unknown', 'waiting', 'delivered', 'refused', 'dead')), 
	CONSTRAINT fk_settlement_delivery_document_id_settlement_document FOREIGN KEY(document_id) REFERENCES settlement_document (id), 
	CONSTRAINT uq_settlement_delivery_document_id_province UNIQUE (document_id, province), 
	CONSTRAINT uq_settlement_delivery_message_id UNIQUE (message_id)
);
CREATE TABLE settlement_document (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	series VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	previous_sha256 VARCHAR, 
	body JSON NOT NULL, 
	issued_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_document PRIMARY KEY (id), 
	CONSTRAINT uq_settlement_document_series_number UNIQUE (series, number), 
	CONSTRAINT uq_settlement_document_sha256 UNIQUE (sha256)
);
CREATE TABLE settlement_entry (
	posting_id INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	source_id VARCHAR NOT NULL, 
	target_id VARCHAR NOT NULL, 
	fen INTEGER NOT NULL, 
	CONSTRAINT pk_settlement_entry PRIMARY KEY (posting_id, line), 
	CONSTRAINT ck_settlement_entry_fen CHECK (fen > 0), 
	CONSTRAINT ck_settlement_entry_sides CHECK (source_id <> target_id), 
	CONSTRAINT fk_settlement_entry_posting_id_settlement_posting FOREIGN KEY(posting_id) REFERENCES settlement_posting (id), 
	CONSTRAINT fk_settlement_entry_source_id_settlement_account FOREIGN KEY(source_id) REFERENCES settlement_account (id), 
	CONSTRAINT fk_settlement_entry_target_id_settlement_account FOREIGN KEY(target_id) REFERENCES settlement_account (id)
);
CREATE TABLE settlement_face (
	province VARCHAR NOT NULL, 
	results_cursor VARCHAR, 
	results_due_at DATETIME, 
	allotments_due_at DATETIME, 
	figures_due_at DATETIME, 
	results_failures INTEGER NOT NULL, 
	allotments_failures INTEGER NOT NULL, 
	last_error JSON, 
	last_success_at DATETIME, 
	CONSTRAINT pk_settlement_face PRIMARY KEY (province)
);
CREATE TABLE settlement_face_case (
	id INTEGER NOT NULL, 
	open_key VARCHAR, 
	kind VARCHAR NOT NULL, 
	province VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	detail JSON NOT NULL, 
	seen INTEGER NOT NULL, 
	opened_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	closed_by VARCHAR, 
	resolution VARCHAR, 
	CONSTRAINT pk_settlement_face_case PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_face_case_state CHECK (state IN ('open', 'closed')), 
	CONSTRAINT uq_settlement_face_case_open_key UNIQUE (open_key)
);
CREATE TABLE settlement_form_confirmation (
	document_id VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_form_confirmation PRIMARY KEY (document_id, side), 
	CONSTRAINT ck_settlement_form_confirmation_side CHECK (side IN ('enterprise', 'provider')), 
	CONSTRAINT fk_settlement_form_confirmation_document_id_settlement_document FOREIGN KEY(document_id) REFERENCES settlement_document (id)
);
CREATE TABLE settlement_grant (
	id VARCHAR NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	authority VARCHAR NOT NULL, 
	area VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	external_id VARCHAR NOT NULL, 
	fen INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	postings INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	valid_until DATE NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_settlement_grant PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_grant_authority CHECK (authority IN ('hub', 'home')), 
	CONSTRAINT ck_settlement_grant_state CHECK (state IN ('active', 'ending', 'ended')), 
	CONSTRAINT ck_settlement_grant_fen CHECK (fen >= 0), 
	CONSTRAINT uq_settlement_grant_programme_id_external_id UNIQUE (programme_id, external_id)
);
CREATE TABLE settlement_hold (
	id VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	holder VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	fen INTEGER NOT NULL, 
	captured_fen INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	held_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	CONSTRAINT pk_settlement_hold PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_hold_resolved CHECK ((state = 'held') = (resolved_at IS NULL)), 
	CONSTRAINT ck_settlement_hold_state CHECK (state IN ('held', 'captured', 'released')), 
	CONSTRAINT ck_settlement_hold_captured CHECK (captured_fen BETWEEN 0 AND fen), 
	CONSTRAINT ck_settlement_hold_fen CHECK (fen > 0), 
	CONSTRAINT fk_settlement_hold_reference_settlement_order FOREIGN KEY(reference) REFERENCES settlement_order (reference), 
	CONSTRAINT uq_settlement_hold_reference_number UNIQUE (reference, number)
);
CREATE TABLE settlement_hold_part (
	hold_id VARCHAR NOT NULL, 
	line INTEGER NOT NULL, 
	grant_id VARCHAR NOT NULL, 
	fen INTEGER NOT NULL, 
	CONSTRAINT pk_settlement_hold_part PRIMARY KEY (hold_id, line), 
	CONSTRAINT ck_settlement_hold_part_fen CHECK (fen > 0), 
	CONSTRAINT fk_settlement_hold_part_grant_id_settlement_grant FOREIGN KEY(grant_id) REFERENCES settlement_grant (id), 
	CONSTRAINT fk_settlement_hold_part_hold_id_settlement_hold FOREIGN KEY(hold_id) REFERENCES settlement_hold (id)
);
CREATE TABLE settlement_instruction (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	area VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	holder VARCHAR, 
	grant_id VARCHAR, 
	fen INTEGER NOT NULL, 
	note VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	proposed_by VARCHAR NOT NULL, 
	proposed_at DATETIME NOT NULL, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	CONSTRAINT pk_settlement_instruction PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_instruction_fen CHECK ((kind = 'end') = (fen = 0) AND fen >= 0), 
	CONSTRAINT ck_settlement_instruction_kind CHECK (kind IN ('fund', 'grant', 'raise', 'end')), 
	CONSTRAINT ck_settlement_instruction_two_people CHECK (state <> 'done' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)), 
	CONSTRAINT ck_settlement_instruction_state CHECK (state IN ('proposed', 'done', 'refused'))
);
CREATE TABLE settlement_invoice (
	id INTEGER NOT NULL, 
	payment_id VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	reverses_id INTEGER, 
	issued_on DATE NOT NULL, 
	net_fen INTEGER NOT NULL, 
	vat_fen INTEGER NOT NULL, 
	gross_fen INTEGER NOT NULL, 
	payer_name VARCHAR NOT NULL, 
	payer_credit_code VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	ended_by VARCHAR, 
	ended_at DATETIME, 
	CONSTRAINT pk_settlement_invoice PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_invoice_reverses CHECK ((kind = 'red') = (reverses_id IS NOT NULL)), 
	CONSTRAINT ck_settlement_invoice_kind CHECK (kind IN ('blue', 'red')), 
	CONSTRAINT ck_settlement_invoice_state CHECK (state IN ('valid', 'void', 'reversed')), 
	CONSTRAINT ck_settlement_invoice_sum CHECK (net_fen + vat_fen = gross_fen), 
	CONSTRAINT ck_settlement_invoice_amounts CHECK (net_fen >= 0 AND vat_fen >= 0), 
	CONSTRAINT fk_settlement_invoice_payment_id_settlement_payment FOREIGN KEY(payment_id) REFERENCES settlement_payment (id), 
	CONSTRAINT fk_settlement_invoice_reverses_id_settlement_invoice FOREIGN KEY(reverses_id) REFERENCES settlement_invoice (id), 
	CONSTRAINT uq_settlement_invoice_code_number UNIQUE (code, number)
);
CREATE TABLE settlement_line (
	id INTEGER NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	usage_version INTEGER NOT NULL, 
	reference VARCHAR NOT NULL, 
	order_number VARCHAR NOT NULL, 
	visited VARCHAR NOT NULL, 
	home VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	institution_id VARCHAR NOT NULL, 
	programme_id VARCHAR, 
	programme_version INTEGER, 
	payer_area VARCHAR, 
	fee_fen INTEGER NOT NULL, 
	voucher_fen INTEGER NOT NULL, 
	own_fen INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	batch_id VARCHAR, 
	document JSON NOT NULL, 
	rated_at DATETIME NOT NULL, 
	ready_at DATETIME, 
	CONSTRAINT pk_settlement_line PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_line_state CHECK (state IN ('rated', 'ready', 'batched', 'settled', 'returned', 'withdrawn')), 
	CONSTRAINT ck_settlement_line_programme CHECK ((voucher_fen = 0) = (programme_id IS NULL)), 
	CONSTRAINT ck_settlement_line_shares CHECK (fee_fen = voucher_fen + own_fen), 
	CONSTRAINT ck_settlement_line_amounts CHECK (fee_fen >= 0 AND voucher_fen >= 0 AND own_fen >= 0), 
	CONSTRAINT uq_settlement_line_usage_id_usage_version UNIQUE (usage_id, usage_version)
);
CREATE TABLE settlement_member (
	batch_id VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	line_id INTEGER NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	usage_version INTEGER NOT NULL, 
	reference VARCHAR NOT NULL, 
	order_number VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	institution_id VARCHAR NOT NULL, 
	programme_id VARCHAR, 
	programme_version INTEGER, 
	payer_area VARCHAR, 
	fee_fen INTEGER NOT NULL, 
	voucher_fen INTEGER NOT NULL, 
	own_fen INTEGER NOT NULL, 
	document_sha256 VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	CONSTRAINT pk_settlement_member PRIMARY KEY (batch_id, revision, position)
);
CREATE TABLE settlement_netting (
	area VARCHAR NOT NULL, 
	other VARCHAR NOT NULL, 
	is_on BOOLEAN NOT NULL, 
	set_by VARCHAR NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_netting PRIMARY KEY (area, other), 
	CONSTRAINT ck_settlement_netting_sides CHECK (area <> other)
);
CREATE TABLE settlement_officer_key (
	kid VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	algorithm VARCHAR NOT NULL, 
	jwk JSON NOT NULL, 
	label VARCHAR NOT NULL, 
	proposed_by VARCHAR NOT NULL, 
	proposed_at DATETIME NOT NULL, 
	approved_by VARCHAR, 
	approved_at DATETIME, 
	revoked_by VARCHAR, 
	revoked_at DATETIME, 
	CONSTRAINT pk_settlement_officer_key PRIMARY KEY (kid), 
	CONSTRAINT ck_settlement_officer_key_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)), 
	CONSTRAINT ck_settlement_officer_key_two_people CHECK (approved_by IS NULL OR approved_by <> proposed_by)
);
CREATE TABLE settlement_order (
	reference VARCHAR NOT NULL, 
	fee_fen INTEGER, 
	voucher_fen INTEGER NOT NULL, 
	own_fen INTEGER, 
	facts JSON NOT NULL, 
	decisions JSON NOT NULL, 
	decided_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_order PRIMARY KEY (reference), 
	CONSTRAINT ck_settlement_order_shares CHECK (fee_fen IS NULL OR fee_fen = voucher_fen + own_fen)
);
CREATE TABLE settlement_paper (
	id INTEGER NOT NULL, 
	reference VARCHAR NOT NULL, 
	payer_area VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	content BLOB, 
	state VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	uploaded_by VARCHAR NOT NULL, 
	uploaded_at DATETIME NOT NULL, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	reason VARCHAR, 
	CONSTRAINT pk_settlement_paper PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_paper_side CHECK (side IN ('enterprise', 'institution')), 
	CONSTRAINT ck_settlement_paper_state CHECK (state IN ('waiting', 'agreed', 'refused', 'replaced'))
);
CREATE TABLE settlement_payee (
	id INTEGER NOT NULL, 
	institution_id VARCHAR NOT NULL, 
	account_name VARCHAR NOT NULL, 
	bank_name VARCHAR NOT NULL, 
	account_number VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	entered_by VARCHAR NOT NULL, 
	entered_at DATETIME NOT NULL, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	note VARCHAR NOT NULL, 
	CONSTRAINT pk_settlement_payee PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_payee_decided CHECK ((state = 'proposed') = (decided_at IS NULL)), 
	CONSTRAINT ck_settlement_payee_second_person CHECK (state <> 'approved' OR decided_by <> entered_by), 
	CONSTRAINT ck_settlement_payee_state CHECK (state IN ('proposed', 'approved', 'refused', 'replaced'))
);
CREATE TABLE settlement_payment (
	id VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	order_number VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	institution_id VARCHAR, 
	operator_id VARCHAR, 
	province VARCHAR NOT NULL, 
	home_area VARCHAR, 
	fee_fen INTEGER NOT NULL, 
	voucher_fen INTEGER NOT NULL, 
	owed_fen INTEGER NOT NULL, 
	paid_fen INTEGER NOT NULL, 
	refunded_fen INTEGER NOT NULL, 
	surplus_fen INTEGER NOT NULL, 
	returned_fen INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	payment_due VARCHAR NOT NULL, 
	due_on DATE, 
	told VARCHAR, 
	invoice_amount VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	made_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	paid_at DATETIME, 
	CONSTRAINT pk_settlement_payment PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_payment_state CHECK (state IN ('none', 'due', 'overdue', 'initiated', 'unknown', 'paid', 'partly_refunded', 'refunded')), 
	CONSTRAINT ck_settlement_payment_shares CHECK (fee_fen = voucher_fen + owed_fen), 
	CONSTRAINT ck_settlement_payment_refunded CHECK (refunded_fen BETWEEN 0 AND paid_fen), 
	CONSTRAINT ck_settlement_payment_returned CHECK (returned_fen BETWEEN 0 AND surplus_fen), 
	CONSTRAINT ck_settlement_payment_amounts CHECK (voucher_fen >= 0 AND owed_fen >= 0), 
	CONSTRAINT uq_settlement_payment_reference UNIQUE (reference)
);
CREATE TABLE settlement_payment_attempt (
	id VARCHAR NOT NULL, 
	payment_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	code VARCHAR, 
	fen INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	remote_id VARCHAR, 
	redirect_url VARCHAR, 
	proof JSON, 
	reason VARCHAR, 
	received_fen INTEGER, 
	is_surplus BOOLEAN NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	ask_at DATETIME, 
	asked INTEGER NOT NULL, 
	settled_by VARCHAR, 
	settled_at DATETIME, 
	CONSTRAINT pk_settlement_payment_attempt PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_payment_attempt_received CHECK ((state = 'paid') = (received_fen IS NOT NULL)), 
	CONSTRAINT ck_settlement_payment_attempt_channel CHECK (channel IN ('bank_transfer', 'online', 'counter')), 
	CONSTRAINT ck_settlement_payment_attempt_state CHECK (state IN ('stored', 'open', 'unknown', 'submitted', 'paid', 'failed', 'refused', 'withdrawn')), 
	CONSTRAINT ck_settlement_payment_attempt_fen CHECK (fen > 0), 
	CONSTRAINT fk_settlement_payment_attempt_payment_id_settlement_payment FOREIGN KEY(payment_id) REFERENCES settlement_payment (id), 
	CONSTRAINT uq_settlement_payment_attempt_code UNIQUE (code), 
	CONSTRAINT uq_settlement_payment_attempt_payment_id_number UNIQUE (payment_id, number)
);
CREATE TABLE settlement_payment_event (
	id INTEGER NOT NULL, 
	payment_id VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	what VARCHAR NOT NULL, 
	from_state VARCHAR NOT NULL, 
	to_state VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	detail JSON, 
	CONSTRAINT pk_settlement_payment_event PRIMARY KEY (id), 
	CONSTRAINT fk_settlement_payment_event_payment_id_settlement_payment FOREIGN KEY(payment_id) REFERENCES settlement_payment (id), 
	CONSTRAINT uq_settlement_payment_event_payment_id_revision UNIQUE (payment_id, revision)
);
CREATE TABLE settlement_payment_item (
	source VARCHAR NOT NULL, 
	root_id VARCHAR NOT NULL, 
	order_number VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	institution_id VARCHAR, 
	fen INTEGER NOT NULL, 
	redeemed_by VARCHAR, 
	voided_at DATETIME, 
	CONSTRAINT pk_settlement_payment_item PRIMARY KEY (source), 
	CONSTRAINT ck_settlement_payment_item_fen CHECK (fen > 0), 
	CONSTRAINT ck_settlement_payment_item_once CHECK (redeemed_by IS NULL OR voided_at IS NULL)
);
CREATE TABLE settlement_payment_line (
	id VARCHAR NOT NULL, 
	list_id VARCHAR NOT NULL, 
	root_id VARCHAR NOT NULL, 
	replaces VARCHAR, 
	payee_kind VARCHAR NOT NULL, 
	payee_id VARCHAR NOT NULL, 
	fen INTEGER NOT NULL, 
	voided_fen INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	paid_on DATE, 
	bank_reference VARCHAR, 
	proof_sha256 VARCHAR, 
	paid_by VARCHAR, 
	paid_at DATETIME, 
	bounce_reason VARCHAR, 
	bounce_text VARCHAR, 
	bounced_by VARCHAR, 
	bounced_at DATETIME, 
	carried_year INTEGER, 
	CONSTRAINT pk_settlement_payment_line PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_payment_line_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL)), 
	CONSTRAINT ck_settlement_payment_line_payee_kind CHECK (payee_kind IN ('institution', 'enterprise')), 
	CONSTRAINT ck_settlement_payment_line_state CHECK (state IN ('due', 'paid', 'bounced', 'carried', 'voided')), 
	CONSTRAINT ck_settlement_payment_line_fen CHECK (fen > 0 AND voided_fen BETWEEN 0 AND fen), 
	CONSTRAINT fk_settlement_payment_line_list_id_settlement_payment_list FOREIGN KEY(list_id) REFERENCES settlement_payment_list (id)
);
CREATE TABLE settlement_payment_list (
	id VARCHAR NOT NULL, 
	period_id VARCHAR NOT NULL, 
	batch_id VARCHAR, 
	payer_area VARCHAR NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	budget_year INTEGER NOT NULL, 
	total_fen INTEGER NOT NULL, 
	document_id VARCHAR NOT NULL, 
	issued_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_payment_list PRIMARY KEY (id), 
	CONSTRAINT fk_settlement_payment_list_batch_id_settlement_batch FOREIGN KEY(batch_id) REFERENCES settlement_batch (id), 
	CONSTRAINT fk_settlement_payment_list_period_id_settlement_period FOREIGN KEY(period_id) REFERENCES settlement_period (id)
);
CREATE TABLE settlement_period (
	id VARCHAR NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	cutoff_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	CONSTRAINT pk_settlement_period PRIMARY KEY (id)
);
CREATE TABLE settlement_posting (
	id INTEGER NOT NULL, 
	reference VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	posted_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_posting PRIMARY KEY (id), 
	CONSTRAINT uq_settlement_posting_reference UNIQUE (reference)
);
CREATE TABLE settlement_programme (
	id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	area VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	valid_from DATE NOT NULL, 
	document JSON NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_programme PRIMARY KEY (id, version), 
	CONSTRAINT ck_settlement_programme_kind CHECK (kind IN ('voucher', 'rebate', 'owner_subsidy'))
);
CREATE TABLE settlement_programme_draft (
	id INTEGER NOT NULL, 
	programme_id VARCHAR NOT NULL, 
	area VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	base_version INTEGER NOT NULL, 
	version INTEGER, 
	document JSON NOT NULL, 
	editors JSON NOT NULL, 
	made_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	decided_by VARCHAR, 
	decided_at DATETIME, 
	CONSTRAINT pk_settlement_programme_draft PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_programme_draft_version CHECK ((state = 'published') = (version IS NOT NULL)), 
	CONSTRAINT ck_settlement_programme_draft_state CHECK (state IN ('draft', 'published', 'discarded'))
);
CREATE TABLE settlement_redemption (
	id INTEGER NOT NULL, 
	province VARCHAR NOT NULL, 
	payer_area VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	line_id VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	verdict VARCHAR NOT NULL, 
	code VARCHAR, 
	document JSON NOT NULL, 
	received_at DATETIME NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	closed_by VARCHAR, 
	closed_at DATETIME, 
	resolution VARCHAR, 
	CONSTRAINT pk_settlement_redemption PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_redemption_verdict CHECK (verdict IN ('applied', 'repeated', 'contradictory', 'refused'))
);
CREATE TABLE settlement_refund (
	id VARCHAR NOT NULL, 
	payment_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	attempt_id VARCHAR NOT NULL, 
	fen INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	try_at DATETIME, 
	tries INTEGER NOT NULL, 
	last_error VARCHAR, 
	done_by VARCHAR, 
	done_at DATETIME, 
	CONSTRAINT pk_settlement_refund PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_refund_state CHECK (state IN ('wanted', 'unknown', 'manual', 'done')), 
	CONSTRAINT ck_settlement_refund_fen CHECK (fen > 0), 
	CONSTRAINT fk_settlement_refund_attempt_id_settlement_payment_attempt FOREIGN KEY(attempt_id) REFERENCES settlement_payment_attempt (id), 
	CONSTRAINT fk_settlement_refund_payment_id_settlement_payment FOREIGN KEY(payment_id) REFERENCES settlement_payment (id), 
	CONSTRAINT uq_settlement_refund_payment_id_number UNIQUE (payment_id, number)
);
CREATE TABLE settlement_return (
	line_id INTEGER NOT NULL, 
	batch_id VARCHAR NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	returned_by VARCHAR NOT NULL, 
	returned_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_return PRIMARY KEY (line_id), 
	CONSTRAINT fk_settlement_return_batch_id_settlement_batch FOREIGN KEY(batch_id) REFERENCES settlement_batch (id), 
	CONSTRAINT fk_settlement_return_line_id_settlement_line FOREIGN KEY(line_id) REFERENCES settlement_line (id)
);
CREATE TABLE settlement_sample (
	id VARCHAR NOT NULL, 
	area VARCHAR NOT NULL, 
	criteria JSON NOT NULL, 
	seed VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	until DATETIME NOT NULL, 
	population INTEGER NOT NULL, 
	line_ids JSON NOT NULL, 
	drawn_by VARCHAR NOT NULL, 
	drawn_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_sample PRIMARY KEY (id)
);
CREATE TABLE settlement_series (
	name VARCHAR NOT NULL, 
	issued INTEGER NOT NULL, 
	CONSTRAINT pk_settlement_series PRIMARY KEY (name)
);
CREATE TABLE settlement_signature (
	id INTEGER NOT NULL, 
	document_id VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	alg VARCHAR, 
	kid VARCHAR, 
	jws VARCHAR, 
	person VARCHAR, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_signature PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_signature_jws CHECK ((kind = 'acknowledged') = (jws IS NULL)), 
	CONSTRAINT ck_settlement_signature_kind CHECK (kind IN ('signed', 'acknowledged', 'receipt')), 
	CONSTRAINT ck_settlement_signature_key CHECK ((jws IS NULL) = (kid IS NULL) AND (jws IS NULL) = (alg IS NULL)), 
	CONSTRAINT fk_settlement_signature_document_id_settlement_document FOREIGN KEY(document_id) REFERENCES settlement_document (id), 
	CONSTRAINT uq_settlement_signature_document_id_side_kind UNIQUE (document_id, side, kind)
);
CREATE TABLE settlement_tie (
	id INTEGER NOT NULL, 
	one VARCHAR NOT NULL, 
	other VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	valid_from DATE NOT NULL, 
	valid_until DATE, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_tie PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_tie_kind CHECK (kind IN ('shareholding', 'affiliation')), 
	CONSTRAINT ck_settlement_tie_ordered CHECK (one < other), 
	CONSTRAINT uq_settlement_tie_one_other_kind_valid_from UNIQUE (one, other, kind, valid_from)
);
CREATE TABLE settlement_time_stamp (
	subject VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	wanted_at DATETIME NOT NULL, 
	next_at DATETIME, 
	attempts INTEGER NOT NULL, 
	last_error VARCHAR, 
	reply BLOB, 
	authority VARCHAR, 
	stamped_at DATETIME, 
	CONSTRAINT pk_settlement_time_stamp PRIMARY KEY (subject), 
	CONSTRAINT ck_settlement_time_stamp_reply CHECK ((reply IS NULL) = (stamped_at IS NULL))
);
CREATE TABLE settlement_told (
	reference VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	evidence JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_told PRIMARY KEY (reference, name)
);
CREATE TABLE settlement_usage (
	id VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	order_number VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	visited VARCHAR NOT NULL, 
	home VARCHAR NOT NULL, 
	home_area VARCHAR NOT NULL, 
	enterprise_id VARCHAR NOT NULL, 
	institution_id VARCHAR NOT NULL, 
	operator_id VARCHAR, 
	person_id VARCHAR, 
	source VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	fee_fen INTEGER NOT NULL, 
	facts JSON NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	confirm_by DATETIME, 
	timer_at DATETIME, 
	confirmed_at DATETIME, 
	confirmed_by VARCHAR, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_usage PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_usage_kind CHECK (kind IN ('service', 'cancellation', 'no_show')), 
	CONSTRAINT ck_settlement_usage_source CHECK (source IN ('staff', 'institution', 'platform', 'sensor')), 
	CONSTRAINT ck_settlement_usage_state CHECK (state IN ('submitted', 'disputed', 'confirmed', 'rated', 'returned', 'waived')), 
	CONSTRAINT ck_settlement_usage_fee CHECK (fee_fen >= 0), 
	CONSTRAINT uq_settlement_usage_reference_kind UNIQUE (reference, kind)
);
CREATE TABLE settlement_usage_decision (
	dispute_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	text VARCHAR, 
	used JSON, 
	decided_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_usage_decision PRIMARY KEY (dispute_id, number), 
	CONSTRAINT fk_settlement_usage_decision_dispute_id_settlement_usage_dispute FOREIGN KEY(dispute_id) REFERENCES settlement_usage_dispute (id)
);
CREATE TABLE settlement_usage_dispute (
	id INTEGER NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	text VARCHAR, 
	evidence JSON NOT NULL, 
	raised_at DATETIME NOT NULL, 
	decide_by DATETIME NOT NULL, 
	arbiter VARCHAR, 
	arbiter_person_id VARCHAR, 
	arbiter_province VARCHAR, 
	outcome VARCHAR, 
	ended_at DATETIME, 
	CONSTRAINT pk_settlement_usage_dispute PRIMARY KEY (id), 
	CONSTRAINT fk_settlement_usage_dispute_usage_id_settlement_usage FOREIGN KEY(usage_id) REFERENCES settlement_usage (id)
);
CREATE TABLE settlement_usage_evidence (
	id INTEGER NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	media_type VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR, 
	side VARCHAR NOT NULL, 
	added_by VARCHAR NOT NULL, 
	added_at DATETIME NOT NULL, 
	version INTEGER, 
	dispute_id INTEGER, 
	forgotten_at DATETIME, 
	CONSTRAINT pk_settlement_usage_evidence PRIMARY KEY (id), 
	CONSTRAINT ck_settlement_usage_evidence_side CHECK (side IN ('enterprise', 'provider')), 
	CONSTRAINT fk_settlement_usage_evidence_dispute_id_settlement_usage_dispute FOREIGN KEY(dispute_id) REFERENCES settlement_usage_dispute (id), 
	CONSTRAINT fk_settlement_usage_evidence_usage_id_settlement_usage FOREIGN KEY(usage_id) REFERENCES settlement_usage (id), 
	CONSTRAINT uq_settlement_usage_evidence_usage_id_sha256 UNIQUE (usage_id, sha256)
);
CREATE TABLE settlement_usage_notice (
	usage_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	recipient VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	queued_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_usage_notice PRIMARY KEY (usage_id, version, number, recipient, channel), 
	CONSTRAINT fk_settlement_usage_notice_usage_id_settlement_usage FOREIGN KEY(usage_id) REFERENCES settlement_usage (id)
);
CREATE TABLE settlement_usage_return (
	line_id INTEGER NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	code VARCHAR NOT NULL, 
	text VARCHAR, 
	returned_by VARCHAR NOT NULL, 
	returned_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_usage_return PRIMARY KEY (line_id), 
	CONSTRAINT fk_settlement_usage_return_line_id_settlement_line FOREIGN KEY(line_id) REFERENCES settlement_line (id), 
	CONSTRAINT fk_settlement_usage_return_usage_id_settlement_usage FOREIGN KEY(usage_id) REFERENCES settlement_usage (id)
);
CREATE TABLE settlement_usage_told (
	origin VARCHAR NOT NULL, 
	external_id VARCHAR NOT NULL, 
	body_hash VARCHAR NOT NULL, 
	usage_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	told_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_usage_told PRIMARY KEY (origin, external_id), 
	CONSTRAINT fk_settlement_usage_told_usage_id_settlement_usage FOREIGN KEY(usage_id) REFERENCES settlement_usage (id)
);
CREATE TABLE settlement_usage_version (
	usage_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	document JSON NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	reason VARCHAR, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_settlement_usage_version PRIMARY KEY (usage_id, number), 
	CONSTRAINT fk_settlement_usage_version_usage_id_settlement_usage FOREIGN KEY(usage_id) REFERENCES settlement_usage (id)
);
CREATE INDEX ix_catalog_institution_credit_code ON catalog_institution (credit_code);
CREATE INDEX ix_catalog_institution_listing ON catalog_institution (is_listed, province, id);
CREATE INDEX ix_catalog_instrument_institution_id ON catalog_instrument (institution_id, id);
CREATE INDEX ix_catalog_instrument_listing ON catalog_instrument (is_listed, province, id);
CREATE INDEX ix_catalog_service_item_instrument_id ON catalog_service_item (instrument_id);
CREATE INDEX ix_catalog_service_item_province_id ON catalog_service_item (province, id);
CREATE INDEX ix_core_change_topic_subject ON core_change (topic, subject);
CREATE INDEX ix_core_change_unnumbered ON core_change (id) WHERE number IS NULL;
CREATE INDEX ix_core_outbox_open ON core_outbox (due_at, id) WHERE done_at IS NULL AND failed_at IS NULL;
CREATE INDEX ix_federation_digest_province_period ON federation_digest (province, period);
CREATE INDEX ix_federation_quarantine_key ON federation_quarantine (province, resource, native_key);
CREATE INDEX ix_federation_quarantine_state ON federation_quarantine (state, id);
CREATE INDEX ix_federation_record_subject ON federation_record (subject);
CREATE INDEX ix_federation_run_province_id ON federation_run (province, id);
CREATE UNIQUE INDEX uq_federation_run_active ON federation_run (province, resource) WHERE state != 'finished';
CREATE INDEX ix_identity_key_province ON identity_key (province);
CREATE INDEX ix_federation_hold_province_resource_state ON federation_hold (province, resource, state);
CREATE INDEX ix_identity_platform_province ON identity_platform (province);
CREATE INDEX ix_identity_signing_key_purpose ON identity_signing_key (purpose);
CREATE INDEX ix_identity_access_token_expires_at ON identity_access_token (expires_at);
CREATE INDEX ix_identity_access_token_platform_id_kid ON identity_access_token (platform_id, kid);
CREATE INDEX ix_identity_platform_invitation_platform_id ON identity_platform_invitation (platform_id);
CREATE INDEX ix_identity_platform_invitation_province ON identity_platform_invitation (province);
CREATE INDEX ix_identity_spent_assertion_expires_at ON identity_spent_assertion (expires_at);
CREATE INDEX ix_core_audit_private_about ON core_audit_private (about);
CREATE INDEX ix_core_audit_private_erase_at ON core_audit_private (erase_at);
CREATE INDEX ix_identity_party_credit_code ON identity_party (credit_code);
CREATE UNIQUE INDEX uq_identity_party_enterprise ON identity_party (credit_code) WHERE kind = 'enterprise';
CREATE INDEX ix_identity_audit_head_delivery_province ON identity_audit_head_delivery (province, day);
CREATE INDEX ix_identity_case_enterprise_id ON identity_case (enterprise_id);
CREATE INDEX ix_identity_case_person_id ON identity_case (person_id);
CREATE INDEX ix_identity_case_state_from_area ON identity_case (state, from_area);
CREATE INDEX ix_identity_case_state_to_area ON identity_case (state, to_area);
CREATE UNIQUE INDEX uq_identity_case_open ON identity_case (subject) WHERE state = 'open';
CREATE INDEX ix_identity_grant_party_id ON identity_grant (party_id);
CREATE INDEX ix_identity_grant_person_id ON identity_grant (person_id);
CREATE UNIQUE INDEX uq_identity_grant_active ON identity_grant (person_id, terms) WHERE ended_at IS NULL;
CREATE INDEX ix_identity_home_enterprise_id ON identity_home (enterprise_id);
CREATE INDEX ix_identity_home_recheck_on ON identity_home (recheck_on);
CREATE UNIQUE INDEX uq_identity_home_present ON identity_home (enterprise_id) WHERE until IS NULL;
CREATE INDEX ix_identity_invitation_party_id ON identity_invitation (party_id);
CREATE INDEX ix_identity_invitation_used_by ON identity_invitation (used_by);
CREATE INDEX ix_identity_provider_login_person_id ON identity_provider_login (person_id);
CREATE INDEX ix_identity_sign_in_attempt_expires_at ON identity_sign_in_attempt (expires_at);
CREATE INDEX ix_identity_sign_in_attempt_person_id ON identity_sign_in_attempt (person_id);
CREATE INDEX ix_identity_station_operator_id ON identity_station (operator_id);
CREATE INDEX ix_identity_case_document_case_id ON identity_case_document (case_id);
CREATE INDEX ix_identity_session_expires_at ON identity_session (expires_at);
CREATE INDEX ix_identity_session_grant_id ON identity_session (grant_id);
CREATE INDEX ix_identity_session_person_id ON identity_session (person_id);
CREATE INDEX ix_identity_account_person_id ON identity_account (person_id);
CREATE INDEX ix_notices_notice_created_at ON notices_notice (created_at);
CREATE INDEX ix_notices_notice_inbox ON notices_notice (recipient, id);
CREATE INDEX ix_notices_webhook_owner ON notices_webhook (owner);
CREATE INDEX ix_availability_cell_claim_id ON availability_cell (claim_id);
CREATE INDEX ix_availability_claim_instrument_id_starts_at ON availability_claim (instrument_id, starts_at);
CREATE INDEX ix_availability_claim_proposed_until ON availability_claim (proposed_until) WHERE proposed_until IS NOT NULL;
CREATE INDEX ix_availability_claim_until ON availability_claim (until) WHERE until IS NOT NULL;
CREATE INDEX ix_availability_closure_subject ON availability_closure (subject, ends_at);
CREATE INDEX ix_availability_conflict_claim_id ON availability_conflict (claim_id);
CREATE INDEX ix_availability_conflict_state_instrument_id ON availability_conflict (state, instrument_id);
CREATE INDEX ix_availability_quote_expires_at ON availability_quote (expires_at);
CREATE INDEX ix_availability_quote_instrument_id ON availability_quote (instrument_id);
CREATE INDEX ix_bookings_booking_enterprise_id ON bookings_booking (enterprise_id, created_at, id);
CREATE INDEX ix_bookings_booking_institution_id ON bookings_booking (institution_id, created_at, id);
CREATE INDEX ix_bookings_booking_instrument_id ON bookings_booking (instrument_id, starts_at);
CREATE INDEX ix_bookings_booking_province ON bookings_booking (province, created_at, id);
CREATE INDEX ix_bookings_booking_timer_at ON bookings_booking (timer_at) WHERE timer_at IS NOT NULL;
CREATE INDEX ix_bookings_booking_turn ON bookings_booking (province, turn_side, turn_by);
CREATE INDEX ix_bookings_case_booking_id ON bookings_case (booking_id);
CREATE INDEX ix_bookings_case_state ON bookings_case (state, kind, id);
CREATE INDEX ix_bookings_command_key_booking_id ON bookings_command_key (booking_id);
CREATE INDEX ix_bookings_wish_enterprise_id ON bookings_wish (enterprise_id, id);
CREATE INDEX ix_bookings_wish_instrument_id ON bookings_wish (instrument_id, state, id);
CREATE INDEX ix_exchange_inbox_subject ON exchange_inbox (subject);
CREATE INDEX ix_bookings_note_booking_id ON bookings_note (booking_id, id);
CREATE INDEX ix_bookings_upload_expires_at ON bookings_upload (expires_at);
CREATE INDEX ix_bookings_delivery_booking_id ON bookings_delivery (booking_id, sequence);
CREATE INDEX ix_bookings_delivery_due ON bookings_delivery (due_at, id) WHERE state IN ('pending', 'unknown');
CREATE INDEX ix_bookings_delivery_leased ON bookings_delivery (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_bookings_delivery_waiting ON bookings_delivery (province, state, id);
CREATE INDEX ix_bookings_download_report_id ON bookings_download (report_id);
CREATE INDEX ix_settlement_entry_source_id ON settlement_entry (source_id);
CREATE INDEX ix_settlement_entry_target_id ON settlement_entry (target_id);
CREATE TRIGGER settlement_posting_no_update BEFORE update ON settlement_posting BEGIN SELECT RAISE(ABORT, 'settlement_posting is append-only'); END;
CREATE TRIGGER settlement_posting_no_delete BEFORE delete ON settlement_posting BEGIN SELECT RAISE(ABORT, 'settlement_posting is append-only'); END;
CREATE TRIGGER settlement_entry_no_update BEFORE update ON settlement_entry BEGIN SELECT RAISE(ABORT, 'settlement_entry is append-only'); END;
CREATE TRIGGER settlement_entry_no_delete BEFORE delete ON settlement_entry BEGIN SELECT RAISE(ABORT, 'settlement_entry is append-only'); END;
CREATE INDEX ix_settlement_grant_holder ON settlement_grant (holder, programme_id);
CREATE INDEX ix_settlement_grant_valid_until ON settlement_grant (state, valid_until);
CREATE INDEX ix_settlement_programme_area ON settlement_programme (area);
CREATE INDEX ix_settlement_hold_holder ON settlement_hold (holder, programme_id);
CREATE UNIQUE INDEX uq_settlement_hold_held ON settlement_hold (reference) WHERE state = 'held';
CREATE INDEX ix_settlement_line_batch_id ON settlement_line (batch_id);
CREATE INDEX ix_settlement_line_enterprise_id ON settlement_line (enterprise_id);
CREATE INDEX ix_settlement_line_pair ON settlement_line (visited, home, state);
CREATE INDEX ix_settlement_line_reference ON settlement_line (reference);
CREATE UNIQUE INDEX uq_settlement_line_live ON settlement_line (usage_id) WHERE state NOT IN ('returned', 'withdrawn');
CREATE TRIGGER settlement_document_no_update BEFORE update ON settlement_document BEGIN SELECT RAISE(ABORT, 'settlement_document is append-only'); END;
CREATE TRIGGER settlement_document_no_delete BEFORE delete ON settlement_document BEGIN SELECT RAISE(ABORT, 'settlement_document is append-only'); END;
CREATE INDEX ix_settlement_command_key_subject ON settlement_command_key (subject);
CREATE INDEX ix_settlement_usage_enterprise_id ON settlement_usage (enterprise_id, recorded_at, id);
CREATE INDEX ix_settlement_usage_home ON settlement_usage (home, recorded_at, id);
CREATE INDEX ix_settlement_usage_institution_id ON settlement_usage (institution_id, recorded_at, id);
CREATE INDEX ix_settlement_usage_timer_at ON settlement_usage (timer_at);
CREATE INDEX ix_settlement_usage_visited ON settlement_usage (visited, recorded_at, id);
CREATE INDEX ix_settlement_usage_dispute_usage_id ON settlement_usage_dispute (usage_id);
CREATE INDEX ix_settlement_usage_evidence_added_at ON settlement_usage_evidence (added_at);
CREATE INDEX ix_settlement_usage_evidence_sha256 ON settlement_usage_evidence (sha256);
CREATE INDEX ix_settlement_usage_return_usage_id ON settlement_usage_return (usage_id);
CREATE TRIGGER settlement_usage_version_no_update BEFORE update ON settlement_usage_version BEGIN SELECT RAISE(ABORT, 'settlement_usage_version is append-only'); END;
CREATE TRIGGER settlement_usage_version_no_delete BEFORE delete ON settlement_usage_version BEGIN SELECT RAISE(ABORT, 'settlement_usage_version is append-only'); END;
CREATE TRIGGER settlement_usage_told_no_update BEFORE update ON settlement_usage_told BEGIN SELECT RAISE(ABORT, 'settlement_usage_told is append-only'); END;
CREATE TRIGGER settlement_usage_told_no_delete BEFORE delete ON settlement_usage_told BEGIN SELECT RAISE(ABORT, 'settlement_usage_told is append-only'); END;
CREATE TRIGGER settlement_usage_decision_no_update BEFORE update ON settlement_usage_decision BEGIN SELECT RAISE(ABORT, 'settlement_usage_decision is append-only'); END;
CREATE TRIGGER settlement_usage_decision_no_delete BEFORE delete ON settlement_usage_decision BEGIN SELECT RAISE(ABORT, 'settlement_usage_decision is append-only'); END;
CREATE TRIGGER settlement_usage_return_no_update BEFORE update ON settlement_usage_return BEGIN SELECT RAISE(ABORT, 'settlement_usage_return is append-only'); END;
CREATE TRIGGER settlement_usage_return_no_delete BEFORE delete ON settlement_usage_return BEGIN SELECT RAISE(ABORT, 'settlement_usage_return is append-only'); END;
CREATE INDEX ix_settlement_payment_due_on ON settlement_payment (state, due_on);
CREATE INDEX ix_settlement_payment_enterprise_id ON settlement_payment (enterprise_id, made_at);
CREATE INDEX ix_settlement_payment_institution_id ON settlement_payment (institution_id, made_at);
CREATE INDEX ix_settlement_payment_province ON settlement_payment (province, state);
CREATE INDEX ix_settlement_invoice_payment_id ON settlement_invoice (payment_id);
CREATE INDEX ix_settlement_invoice_reference ON settlement_invoice (reference);
CREATE INDEX ix_settlement_payment_attempt_ask_at ON settlement_payment_attempt (ask_at);
CREATE UNIQUE INDEX uq_settlement_payment_attempt_under_way ON settlement_payment_attempt (payment_id) WHERE state IN ('stored', 'open', 'unknown', 'submitted');
CREATE INDEX ix_settlement_refund_try_at ON settlement_refund (try_at);
CREATE TRIGGER settlement_payment_event_no_update BEFORE update ON settlement_payment_event BEGIN SELECT RAISE(ABORT, 'settlement_payment_event is append-only'); END;
CREATE TRIGGER settlement_payment_event_no_delete BEFORE delete ON settlement_payment_event BEGIN SELECT RAISE(ABORT, 'settlement_payment_event is append-only'); END;
CREATE TRIGGER settlement_form_confirmation_no_update BEFORE update ON settlement_form_confirmation BEGIN SELECT RAISE(ABORT, 'settlement_form_confirmation is append-only'); END;
CREATE TRIGGER settlement_form_confirmation_no_delete BEFORE delete ON settlement_form_confirmation BEGIN SELECT RAISE(ABORT, 'settlement_form_confirmation is append-only'); END;
CREATE INDEX ix_settlement_instruction_programme_id ON settlement_instruction (programme_id, state);
CREATE UNIQUE INDEX uq_settlement_instruction_open ON settlement_instruction ("key") WHERE state = 'proposed';
CREATE INDEX ix_settlement_programme_draft_area ON settlement_programme_draft (area, state);
CREATE UNIQUE INDEX uq_settlement_programme_draft_open ON settlement_programme_draft (programme_id) WHERE state = 'draft';
CREATE INDEX ix_settlement_application_area ON settlement_application (area, state);
CREATE INDEX ix_settlement_application_holder ON settlement_application (holder, programme_id);
CREATE INDEX ix_settlement_application_queue ON settlement_application (programme_id, state, submitted_at);
CREATE INDEX ix_settlement_application_paper_application_id ON settlement_application_paper (application_id);
CREATE TRIGGER settlement_application_event_no_update BEFORE update ON settlement_application_event BEGIN SELECT RAISE(ABORT, 'settlement_application_event is append-only'); END;
CREATE TRIGGER settlement_application_event_no_delete BEFORE delete ON settlement_application_event BEGIN SELECT RAISE(ABORT, 'settlement_application_event is append-only'); END;
CREATE INDEX ix_settlement_member_line_id ON settlement_member (line_id);
CREATE INDEX ix_settlement_payment_item_root_id ON settlement_payment_item (root_id);
CREATE INDEX ix_settlement_redemption_message ON settlement_redemption (province, message_id);
CREATE INDEX ix_settlement_redemption_open ON settlement_redemption (is_open, payer_area);
CREATE INDEX ix_settlement_batch_state ON settlement_batch (state);
CREATE INDEX ix_settlement_credit_batch_id ON settlement_credit (batch_id);
CREATE UNIQUE INDEX uq_settlement_credit_live ON settlement_credit (line_id) WHERE state IN ('proposed', 'issued');
CREATE INDEX ix_settlement_payment_list_batch_id ON settlement_payment_list (batch_id);
CREATE INDEX ix_settlement_payment_list_payer ON settlement_payment_list (payer_area, period_id);
CREATE INDEX ix_settlement_return_batch_id ON settlement_return (batch_id);
CREATE INDEX ix_settlement_payment_line_list_id ON settlement_payment_line (list_id);
CREATE INDEX ix_settlement_payment_line_root_id ON settlement_payment_line (root_id);
CREATE UNIQUE INDEX uq_settlement_payment_line_unpaid ON settlement_payment_line (root_id) WHERE state IN ('due', 'carried');
CREATE TRIGGER settlement_calculation_no_update BEFORE update ON settlement_calculation BEGIN SELECT RAISE(ABORT, 'settlement_calculation is append-only'); END;
CREATE TRIGGER settlement_calculation_no_delete BEFORE delete ON settlement_calculation BEGIN SELECT RAISE(ABORT, 'settlement_calculation is append-only'); END;
CREATE TRIGGER settlement_member_no_update BEFORE update ON settlement_member BEGIN SELECT RAISE(ABORT, 'settlement_member is append-only'); END;
CREATE TRIGGER settlement_member_no_delete BEFORE delete ON settlement_member BEGIN SELECT RAISE(ABORT, 'settlement_member is append-only'); END;
CREATE TRIGGER settlement_batch_event_no_update BEFORE update ON settlement_batch_event BEGIN SELECT RAISE(ABORT, 'settlement_batch_event is append-only'); END;
CREATE TRIGGER settlement_batch_event_no_delete BEFORE delete ON settlement_batch_event BEGIN SELECT RAISE(ABORT, 'settlement_batch_event is append-only'); END;
CREATE TRIGGER settlement_return_no_update BEFORE update ON settlement_return BEGIN SELECT RAISE(ABORT, 'settlement_return is append-only'); END;
CREATE TRIGGER settlement_return_no_delete BEFORE delete ON settlement_return BEGIN SELECT RAISE(ABORT, 'settlement_return is append-only'); END;
CREATE INDEX ix_settlement_officer_key_side ON settlement_officer_key (side);
CREATE INDEX ix_settlement_time_stamp_next_at ON settlement_time_stamp (next_at);
CREATE TRIGGER settlement_signature_no_update BEFORE update ON settlement_signature BEGIN SELECT RAISE(ABORT, 'settlement_signature is append-only'); END;
CREATE TRIGGER settlement_signature_no_delete BEFORE delete ON settlement_signature BEGIN SELECT RAISE(ABORT, 'settlement_signature is append-only'); END;
CREATE INDEX ix_settlement_comparison_day ON settlement_comparison (province, day);
CREATE INDEX ix_settlement_face_case_province ON settlement_face_case (province, state);
CREATE INDEX ix_settlement_delivery_due ON settlement_delivery (state, due_at);
CREATE INDEX ix_settlement_delivery_province ON settlement_delivery (province, state);
CREATE TRIGGER settlement_allotment_telling_no_update BEFORE update ON settlement_allotment_telling BEGIN SELECT RAISE(ABORT, 'settlement_allotment_telling is append-only'); END;
CREATE TRIGGER settlement_allotment_telling_no_delete BEFORE delete ON settlement_allotment_telling BEGIN SELECT RAISE(ABORT, 'settlement_allotment_telling is append-only'); END;
CREATE TRIGGER settlement_comparison_line_no_update BEFORE update ON settlement_comparison_line BEGIN SELECT RAISE(ABORT, 'settlement_comparison_line is append-only'); END;
CREATE TRIGGER settlement_comparison_line_no_delete BEFORE delete ON settlement_comparison_line BEGIN SELECT RAISE(ABORT, 'settlement_comparison_line is append-only'); END;
CREATE INDEX ix_settlement_claim_payee ON settlement_claim (payee_id, programme_id, year);
CREATE INDEX ix_settlement_claim_payer ON settlement_claim (payer_area, programme_id, state);
CREATE INDEX ix_settlement_paper_reference ON settlement_paper (reference);
CREATE INDEX ix_settlement_paper_state ON settlement_paper (state, payer_area);
CREATE INDEX ix_settlement_tie_other ON settlement_tie (other);
CREATE UNIQUE INDEX uq_settlement_claim_line_live ON settlement_claim_line (programme_id, line_id) WHERE is_live;
CREATE TRIGGER settlement_check_no_update BEFORE update ON settlement_check BEGIN SELECT RAISE(ABORT, 'settlement_check is append-only'); END;
CREATE TRIGGER settlement_check_no_delete BEFORE delete ON settlement_check BEGIN SELECT RAISE(ABORT, 'settlement_check is append-only'); END;
CREATE UNIQUE INDEX uq_settlement_payee_open ON settlement_payee (institution_id, state) WHERE state IN ('proposed', 'approved');
CREATE INDEX ix_settlement_sample_area ON settlement_sample (area);
CREATE TRIGGER settlement_sample_no_update BEFORE update ON settlement_sample BEGIN SELECT RAISE(ABORT, 'settlement_sample is append-only'); END;
CREATE TRIGGER settlement_sample_no_delete BEFORE delete ON settlement_sample BEGIN SELECT RAISE(ABORT, 'settlement_sample is append-only'); END;
COMMIT;
