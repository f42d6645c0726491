"""The short tables that generate.py makes this policy of. What is official and what is ours stands in README.md."""

CITY = ("370100", "济南市", "Jinan", 36.6512, 117.1201)

# code, name, English, latitude, longitude of the centre
DISTRICTS = [
    ("370102", "历下区", "Lixia District", 36.6664, 117.0764),
    ("370103", "市中区", "Shizhong District", 36.6510, 116.9974),
    ("370104", "槐荫区", "Huaiyin District", 36.6513, 116.9012),
    ("370105", "天桥区", "Tianqiao District", 36.6780, 116.9874),
    ("370112", "历城区", "Licheng District", 36.6800, 117.0655),
    ("370113", "长清区", "Changqing District", 36.5537, 116.7515),
    ("370114", "章丘区", "Zhangqiu District", 36.6811, 117.5263),
    ("370115", "济阳区", "Jiyang District", 36.9785, 117.1735),
    ("370116", "莱芜区", "Laiwu District", 36.2131, 117.6595),
    ("370117", "钢城区", "Gangcheng District", 36.0586, 117.8112),
    ("370124", "平阴县", "Pingyin County", 36.2893, 116.4561),
    ("370126", "商河县", "Shanghe County", 37.3090, 117.1575),
]

# code, name, English. The nine digits are the six of the district and the street's three.
STREETS = [
    ("370102001", "解放路街道", "Jiefang Road"),
    ("370102002", "千佛山街道", "Qianfoshan"),
    ("370102003", "趵突泉街道", "Baotuquan"),
    ("370102004", "泉城路街道", "Quancheng Road"),
    ("370102005", "大明湖街道", "Daminghu"),
    ("370102006", "东关街道", "Dongguan"),
    ("370103001", "大观园街道", "Daguanyuan"),
    ("370103002", "杆石桥街道", "Ganshiqiao"),
    ("370103003", "四里村街道", "Silicun"),
    ("370103004", "魏家庄街道", "Weijiazhuang"),
    ("370103005", "二七新村街道", "Erqi Xincun"),
    ("370103006", "七里山街道", "Qilishan"),
    ("370104001", "振兴街街道", "Zhenxing Street"),
    ("370104002", "中大槐树街道", "Zhongdahuaishu"),
    ("370104003", "道德街街道", "Daode Street"),
    ("370104004", "西市场街道", "Xishichang"),
    ("370104005", "五里沟街道", "Wuligou"),
    ("370104006", "营市街街道", "Yingshi Street"),
]
COMMUNITIES_EACH = 3
GRIDS_EACH = 4
ORDINALS = "一二三四五六七八九"

# code, name, English, kind, calendar, capacity. All have their seat in the city's area.
CITY_UNITS = [
    ("JN-12345", "市12345热线值班室", "12345 Hotline Duty Desk", "值班室", "always", 0),
    ("JN-DISPATCH", "市派遣协调中心", "City Dispatch Centre", "协调中心", "always", 0),
    ("JN-CGJ", "市城市管理局", "Urban Management Bureau", "部门", "office", 800),
    ("JN-GAJ", "市公安局", "Public Security Bureau", "部门", "always", 0),
    ("JN-JJZD", "市交警支队", "Traffic Police", "部门", "always", 0),
    ("JN-XFJ", "市消防救援支队", "Fire and Rescue", "部门", "always", 0),
    ("JN-YJJ", "市应急管理局", "Emergency Management Bureau", "部门", "always", 0),
    ("JN-ZJJ", "市住房和城乡建设局", "Housing and Construction Bureau", "部门", "office", 500),
    ("JN-JTJ", "市交通运输局", "Transport Bureau", "部门", "office", 500),
    ("JN-YLJ", "市园林和林业绿化局", "Parks and Forestry Bureau", "部门", "office", 300),
    ("JN-STJ", "市生态环境局", "Ecology and Environment Bureau", "部门", "office", 300),
    ("JN-SCJ", "市市场监督管理局", "Market Regulation Bureau", "部门", "office", 500),
    ("JN-WJW", "市卫生健康委员会", "Health Commission", "部门", "office", 300),
    ("JN-RSJ", "市人力资源和社会保障局", "Human Resources and Social Security Bureau", "部门", "office", 500),
    ("JN-YBJ", "市医疗保障局", "Healthcare Security Bureau", "部门", "office", 300),
    ("JN-MZJ", "市民政局", "Civil Affairs Bureau", "部门", "office", 300),
    ("JN-JYJ", "市教育局", "Education Bureau", "部门", "office", 300),
    ("JN-SFJ", "市司法局", "Justice Bureau", "部门", "office", 200),
    ("JN-WLJ", "市文化和旅游局", "Culture and Tourism Bureau", "部门", "office", 200),
    ("JN-TYJ", "市退役军人事务局", "Veterans Affairs Bureau", "部门", "office", 200),
    ("JN-CL", "市残疾人联合会", "Disabled Persons' Federation", "部门", "office", 100),
    ("JN-DSJ", "市大数据局", "Big Data Bureau", "部门", "office", 200),
]

# The ten public utilities behind one counter.
UTILITIES = [
    ("JN-WATER", "市供水服务中心", "Water Supply Service", "WATER", "供水", "Water supply", "停水|没水|水压|水管|供水|自来水|水表"),
    ("JN-DRAIN", "市排水服务中心", "Drainage Service", "DRAIN", "排水", "Drainage", "下水道|排水|污水|管道堵塞|返水|积水"),
    ("JN-POWER", "市供电服务中心", "Power Supply Service", "POWER", "供电", "Power supply", "停电|没电|跳闸|供电|电表|变压器"),
    ("JN-GAS", "市燃气服务中心", "Gas Service", "GAS", "供气", "Gas supply", "停气|燃气表|天然气|燃气报装|通气"),
    ("JN-HEAT", "市供热服务中心", "Heating Service", "HEAT", "供热", "Heating", "暖气|供暖|供热|不热|室温"),
    ("JN-TEL", "市通信服务中心", "Telecom Service", "TEL", "通信", "Telecom", "宽带|断网|手机信号|通信|电话不通"),
    ("JN-BUS", "市公交服务中心", "Bus Service", "BUS", "公交", "Buses", "公交|公交车|班次|站点"),
    ("JN-CLEAN", "市环卫服务中心", "Sanitation Service", "CLEAN", "环卫", "Sanitation", "垃圾清运|垃圾桶满|公厕|清扫|保洁"),
    ("JN-CATV", "市有线电视服务中心", "Cable Television Service", "CATV", "有线电视", "Cable television", "有线电视|机顶盒|没有信号"),
    ("JN-LAMP", "市路灯服务中心", "Street Light Service", "LAMP", "路灯", "Street lights", "路灯不亮|路灯|灯杆"),
]

# Ten departments' services in every community: code, name, English, the department behind it, words
SERVICES = [
    ("S01", "社会救助", "Social assistance", "JN-MZJ", "低保|救助|困难补助"),
    ("S02", "养老服务", "Care for the elderly", "JN-MZJ", "养老|老年证|高龄补贴|助餐"),
    ("S03", "社会保险", "Social insurance", "JN-RSJ", "社保|养老金|失业金"),
    ("S04", "就业服务", "Employment service", "JN-RSJ", "找工作|就业|招聘"),
    ("S05", "医疗保险", "Medical insurance", "JN-YBJ", "医保|报销|门诊慢性病"),
    ("S06", "健康与生育服务", "Health and family service", "JN-WJW", "疫苗|生育|体检|家庭医生"),
    ("S07", "残疾人服务", "Service for the disabled", "JN-CL", "残疾证|轮椅|无障碍"),
    ("S08", "退役军人服务", "Service for veterans", "JN-TYJ", "退役|优待证|退伍"),
    ("S09", "法律援助", "Legal aid", "JN-SFJ", "法律援助|律师|公证"),
    ("S10", "文体活动", "Culture and sport", "JN-WLJ", "文化活动|图书室|健身器材"),
]
# The X: specials of single communities.
LOCAL_SERVICES = [
    ("X01", "泉水直饮点", "Spring water taps", ["370102003001", "370102004001", "370102005001"], "直饮|泉水|取水点"),
    ("X02", "老楼加装电梯", "Lifts for old houses", ["370103006001", "370103006002", "370102006001"], "加装电梯|老楼电梯"),
    ("X03", "放学后托管", "After-school care", ["370104003001", "370104005002"], "托管|四点半|放学后"),
]

# Components and events of digital city management: code, name, English, [(code, name, English, lead, assist, words)]
COMPONENTS = [
    ("P01", "公用设施", "Public utilities", [
        ("P0101", "上水井盖", "Water manhole cover", "JN-WATER", "", "上水井盖|自来水井盖"),
        ("P0102", "污水井盖", "Sewage manhole cover", "JN-DRAIN", "", "污水井盖"),
        ("P0103", "雨水井盖", "Storm drain cover", "JN-DRAIN", "", "雨水井盖"),
        ("P0104", "雨水箅子", "Gully grate", "JN-DRAIN", "", "雨水箅子|雨篦子"),
        ("P0105", "电力井盖", "Power manhole cover", "JN-POWER", "", "电力井盖"),
        ("P0106", "路灯井盖", "Street light manhole cover", "JN-LAMP", "", "路灯井盖"),
        ("P0107", "通讯井盖", "Telecom manhole cover", "JN-TEL", "", "通讯井盖|通信井盖"),
        ("P0108", "热力井盖", "Heating manhole cover", "JN-HEAT", "", "热力井盖"),
        ("P0109", "燃气井盖", "Gas manhole cover", "JN-GAS", "", "燃气井盖"),
        ("P0110", "无主井盖", "Manhole cover without owner", "JN-CGJ", "JN-DRAIN|JN-WATER", "井盖丢失|井盖破损|无主井盖"),
        ("P0111", "消防设施", "Hydrant", "JN-XFJ", "JN-WATER", "消防栓|消火栓"),
        ("P0112", "路灯", "Street light", "JN-LAMP", "", "路灯坏|路灯损坏"),
        ("P0113", "通讯交接箱", "Telecom cabinet", "JN-TEL", "", "交接箱|光交箱"),
        ("P0114", "健身设施", "Fitness equipment", "JN-WLJ", "", "健身器材损坏"),
    ]),
    ("P02", "交通设施", "Traffic facilities", [
        ("P0201", "停车场", "Car park", "JN-CGJ", "JN-JJZD", "停车场"),
        ("P0202", "公交站亭", "Bus shelter", "JN-BUS", "", "公交站亭|站牌"),
        ("P0203", "过街天桥", "Footbridge", "JN-CGJ", "", "过街天桥|天桥破损"),
        ("P0204", "地下通道", "Underpass", "JN-CGJ", "", "地下通道"),
        ("P0205", "交通标志牌", "Traffic sign", "JN-JJZD", "", "标志牌|指示牌"),
        ("P0206", "交通信号灯", "Traffic light", "JN-JJZD", "", "红绿灯|信号灯"),
        ("P0207", "交通护栏", "Guard rail", "JN-JJZD", "", "护栏"),
    ]),
    ("P03", "市容环境设施", "Sanitation facilities", [
        ("P0301", "公共厕所", "Public toilet", "JN-CLEAN", "", "公共厕所"),
        ("P0302", "化粪池", "Septic tank", "JN-CLEAN", "", "化粪池"),
        ("P0303", "垃圾间", "Refuse room", "JN-CLEAN", "", "垃圾间|垃圾站"),
        ("P0304", "垃圾箱", "Litter bin", "JN-CLEAN", "", "垃圾箱|果皮箱"),
        ("P0305", "广告牌匾", "Sign board", "JN-CGJ", "", "广告牌|牌匾"),
    ]),
    ("P04", "园林绿化设施", "Parks and greenery", [
        ("P0401", "古树名木", "Old tree", "JN-YLJ", "", "古树"),
        ("P0402", "行道树", "Street tree", "JN-YLJ", "", "行道树|树枝|树木倒伏|枯树"),
        ("P0403", "绿地", "Green space", "JN-YLJ", "", "绿地|草坪|绿化带"),
        ("P0404", "街头座椅", "Street bench", "JN-YLJ", "", "座椅|长椅"),
        ("P0405", "喷泉", "Fountain", "JN-YLJ", "", "喷泉"),
    ]),
]
# scope: who is first in line: grid, community, street or city
EVENTS = [
    ("E01", "市容环境", "City appearance", [
        ("E0101", "私搭乱建", "Unlicensed building", "street", "JN-CGJ", "私搭|乱建|违建|违章建筑"),
        ("E0102", "暴露垃圾", "Exposed refuse", "grid", "JN-CLEAN", "暴露垃圾|垃圾堆|乱扔垃圾"),
        ("E0103", "积存垃圾渣土", "Heaps of rubble", "community", "JN-CLEAN", "渣土|建筑垃圾|装修垃圾"),
        ("E0104", "道路不洁", "Dirty street", "grid", "JN-CLEAN", "路面脏|道路不洁|路面很脏"),
        ("E0105", "水域不洁", "Dirty water", "street", "JN-STJ", "河道垃圾|水面漂浮|河水发臭"),
        ("E0106", "绿地脏乱", "Untidy greenery", "grid", "JN-YLJ", "绿地脏乱|绿化带垃圾"),
        ("E0107", "废弃车辆", "Abandoned vehicle", "street", "JN-JJZD", "废弃车|僵尸车"),
        ("E0108", "道路破损", "Damaged road", "street", "JN-JTJ", "路面破损|坑洼|道路破损|坑洞"),
        ("E0109", "道路遗撒", "Spilt load", "street", "JN-CGJ", "道路遗撒|遗撒"),
        ("E0110", "动物尸体", "Dead animal", "grid", "JN-CLEAN", "动物尸体|死猫|死狗"),
    ]),
    ("E02", "宣传广告", "Advertising", [
        ("E0201", "非法小广告", "Illegal leaflets", "grid", "JN-CGJ", "小广告"),
        ("E0202", "违章张贴悬挂", "Illegal banners", "community", "JN-CGJ", "违章张贴|横幅"),
        ("E0203", "占道广告牌", "Sign on the pavement", "street", "JN-CGJ", "占道广告"),
    ]),
    ("E03", "施工管理", "Building sites", [
        ("E0301", "施工扰民", "Noise of a building site", "street", "JN-CGJ", "施工噪音|夜间施工|施工扰民"),
        ("E0302", "工地扬尘", "Dust of a building site", "street", "JN-STJ", "扬尘"),
        ("E0303", "无证掘路", "Digging without licence", "street", "JN-CGJ", "掘路|挖路"),
    ]),
    ("E04", "突发事件", "Sudden events", [
        ("E0401", "路面塌陷", "Road collapse", "city", "JN-JTJ", "路面塌陷|地面塌陷"),
        ("E0402", "自来水管破裂", "Burst water pipe", "city", "JN-WATER", "水管爆裂|水管破裂|爆管|跑水"),
        ("E0403", "污水冒溢", "Overflowing sewer", "city", "JN-DRAIN", "污水冒溢|下水道冒水|污水外溢"),
        ("E0404", "热力管道破裂", "Burst heating pipe", "city", "JN-HEAT", "热力管道破裂|暖气管爆裂"),
        ("E0405", "道路积水", "Flooded road", "city", "JN-DRAIN", "道路积水|路面积水|内涝"),
        ("E0406", "道路积雪结冰", "Snow and ice", "city", "JN-CGJ", "积雪|结冰"),
        ("E0407", "架空线缆损坏", "Damaged overhead cable", "city", "JN-POWER", "线缆脱落|电线脱落|电线垂落"),
    ]),
    ("E05", "街面秩序", "Street order", [
        ("E0501", "无照经营游商", "Unlicensed vendor", "street", "JN-CGJ", "无照经营|游商|流动摊贩"),
        ("E0502", "流浪乞讨", "Homeless person", "street", "JN-MZJ", "流浪|乞讨"),
        ("E0503", "店外经营", "Trading outside the shop", "street", "JN-CGJ", "店外经营|占道经营"),
        ("E0504", "机动车乱停放", "Illegally parked car", "street", "JN-JJZD", "机动车乱停|车辆乱停|违停"),
        ("E0505", "非机动车乱停放", "Badly parked bicycles", "community", "JN-CGJ", "电动车乱停|共享单车|自行车乱停"),
        ("E0506", "乱堆物料", "Goods in the way", "grid", "JN-CGJ", "乱堆|堆物|楼道堆放"),
        ("E0507", "露天烧烤", "Open-air barbecue", "street", "JN-CGJ", "露天烧烤|烧烤油烟"),
        ("E0508", "飞线充电", "Charging by loose cable", "community", "JN-XFJ", "飞线充电|楼道充电"),
    ]),
]

# The hotline's kinds of request: code, name, English, kind, urgency, promise, lead, assist, words
HOTLINE = [
    ("H01", "政策咨询", "Questions on rules", "consultation", 4, "1个工作日", "JN-12345", "", "咨询|请问|政策|怎么办理"),
    ("H02", "政务服务", "Administrative services", "help", 3, "3个工作日", "JN-DSJ", "", "办证|窗口|网上办理|证明"),
    ("H03", "物业管理", "Property management", "complaint", 3, "5个工作日", "street", "JN-ZJJ", "物业|物业费|小区管理|业委会"),
    ("H04", "噪声扰民", "Noise", "complaint", 3, "3个工作日", "street", "JN-STJ|JN-GAJ", "噪声|噪音|扰民|广场舞"),
    ("H05", "欠薪与劳动纠纷", "Wages and labour", "complaint", 2, "5个工作日", "JN-RSJ", "", "欠薪|拖欠工资|劳动合同"),
    ("H06", "消费维权", "Consumer rights", "complaint", 3, "5个工作日", "JN-SCJ", "", "退款|假货|消费|预付卡"),
    ("H07", "教育", "Education", "help", 3, "5个工作日", "JN-JYJ", "", "入学|学校|幼儿园|学区"),
    ("H08", "医疗卫生", "Health care", "help", 3, "5个工作日", "JN-WJW", "", "医院|就医|挂号"),
    ("H09", "房屋质量", "Quality of housing", "complaint", 3, "10个工作日", "JN-ZJJ", "", "漏水|墙面开裂|房屋质量|交房"),
    ("H10", "邻里纠纷", "Quarrel of neighbours", "help", 3, "5个工作日", "mediation", "", "邻居|邻里|纠纷|调解"),
    ("H11", "助老助困", "Help for the old and needy", "help", 2, "1个工作日", "volunteer", "", "老人|独居|行动不便|帮扶"),
    ("H12", "治安线索", "Public order", "violation", 2, "3个工作日", "police", "JN-GAJ", "盗窃|可疑|赌博|传销"),
    ("H13", "食品药品安全", "Food and drug safety", "violation", 2, "5个工作日", "JN-SCJ", "", "过期食品|食品安全|药品"),
    ("H14", "环境污染", "Pollution", "violation", 2, "5个工作日", "JN-STJ", "", "异味|污染|废气|废水"),
    ("H15", "公共交通", "Public transport", "help", 3, "5个工作日", "JN-JTJ", "JN-BUS", "出租车|网约车|地铁"),
    ("H16", "意见建议", "Suggestions", "suggestion", 4, "15个工作日", "JN-DISPATCH", "", "建议|希望能"),
    ("H17", "表扬感谢", "Thanks", "thanks", 4, "none", "JN-12345", "", "感谢|表扬|谢谢"),
    ("H18", "城管执法投诉", "Complaints of enforcement", "complaint", 3, "5个工作日", "JN-CGJ", "", "执法人员|城管执法"),
]

# Danger: code, name, English, lead, assist, words, urgent words that need no worker
DANGERS = [
    ("D01", "燃气泄漏", "Gas leak", "JN-GAS", "JN-XFJ|JN-YJJ", ["燃气泄漏", "煤气泄漏", "天然气泄漏", "煤气味", "燃气味", "瓦斯"]),
    ("D02", "火灾", "Fire", "JN-XFJ", "JN-YJJ|JN-GAJ", ["着火", "起火", "失火", "火灾", "冒浓烟"]),
    ("D03", "触电漏电", "Electric shock", "JN-POWER", "JN-YJJ", ["触电", "漏电", "高压线断"]),
    ("D04", "坍塌", "Collapse", "JN-YJJ", "JN-ZJJ|JN-XFJ", ["坍塌", "倒塌", "塌方", "楼体开裂"]),
    ("D05", "人员被困", "Trapped person", "JN-XFJ", "JN-YJJ", ["被困", "电梯困人", "溺水", "落水"]),
    ("D06", "医疗急救", "Medical emergency", "JN-WJW", "", ["昏迷", "心脏骤停", "大出血", "没有呼吸"]),
    ("D07", "暴力与自杀", "Violence and suicide", "JN-GAJ", "", ["自杀", "跳楼", "持刀", "打人"]),
    ("D08", "高空坠物", "Falling object", "JN-YJJ", "JN-ZJJ", ["高空坠物", "外墙脱落", "广告牌坠落"]),
    ("D09", "危险化学品", "Dangerous chemicals", "JN-YJJ", "JN-XFJ|JN-STJ", ["危化品", "毒气", "爆炸"]),
]

# What departments may put on communities, and on which authority, with whose money.
ADMISSIONS = [
    ("JN-2025-01", "JN-MZJ", "高龄老人入户探访", "S02", "", "济民发示例〔2025〕1号", "市级福彩公益金", "2025-01-01", "2027-12-31"),
    ("JN-2025-02", "JN-WJW", "家庭医生签约服务宣传", "S06", "370102", "济卫示例〔2025〕2号", "基本公共卫生经费", "2025-03-01", "2027-02-28"),
    ("JN-2025-03", "JN-XFJ", "电动自行车飞线充电排查", "E0508", "", "济消示例〔2025〕3号", "消防专项经费", "2025-01-01", ""),
    ("JN-2026-01", "JN-TYJ", "优待证信息采集", "S08", "", "济退役示例〔2026〕1号", "退役军人专项经费", "2026-01-01", "2027-06-30"),
    ("JN-2026-02", "JN-CGJ", "小广告集中清理", "E0201", "370104", "济城管示例〔2026〕2号", "城管专项经费", "2026-04-01", "2027-03-31"),
    ("JN-2026-03", "JN-RSJ", "灵活就业人员登记", "S04", "370103", "济人社示例〔2026〕3号", "就业补助资金", "2026-01-01", "2027-12-31"),
]
