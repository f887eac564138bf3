"""Pure: the categories in the groups people think in, and a guess from the words of a request. A person confirms it.

The page's script reads the same table: patterns keep to what both kinds of regular expressions read alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("车辆和物流", ("PASS_LOCAL", "PASS_CITY", "PASS_PROV", "LOGISTICS", "EQUIP_TRANSIT")),
    ("原料和配套", ("RAW_LOCAL", "RAW_OUT", "MAT_SPEC", "SUPPORT_CHAIN")),
    ("人和防疫", ("LABOUR", "STAFF_TRAVEL", "PPE", "EPIDEMIC")),
    ("资金和税费", ("FINANCE", "FUND", "TAX_CUSTOMS")),
    ("证照和检测", ("LICENSE", "TEST", "STERILISE")),
    ("设备、场地、水电气", ("EQUIP_TECH", "LAND_SITE", "PROJECT", "POWER", "COAL_GAS")),
    ("销售、安全、政策", ("SALES", "SAFETY", "POLICY", "OTHER")),
)

WORDS: tuple[tuple[str, str, int], ...] = (
    ("省界|外省|跨省|出省|进省|进京|武汉|湖北|江苏|浙江|广东|江西|湖南|河南|安徽|上海|北京|温州|东莞|深圳|外地车", "PASS_PROV", 3),
    ("通行证|放行|劝返|卡点|关卡|高速(出|入)?口|下高速|下不了高速|拦下|被拦|拦住|堵在|设卡", "PASS_CITY", 3),
    ("原路返回|不(给|让|准)(过|通过|进|下)", "PASS_CITY", 3),
    ("通行证|劝返|卡点|高速(出|入)?口|下高速|被拦|拦下|拦住|原路返回|不(给|让|准)(过|通过|进|下)", "PASS_PROV", 3),
    ("村口|村里|村委|镇上|本县|厂门口|路(口)?(被)?(堵|封)|封路|挖断", "PASS_LOCAL", 4),
    ("邻县|隔壁县|县界|市内|跨县|本市|县市区", "PASS_CITY", 3),
    ("找不到车|没有车|叫不到车|没车|司机不(愿|肯|敢)|运力|物流(公司)?(都)?(停|没|不)|停收|停运", "LOGISTICS", 5),
    ("快递|顺丰|德邦|铁路|专列|运费|发不(到|出)|运不", "LOGISTICS", 5),
    ("(机器|设备|生产线|口罩机|机).{0,14}(滞留|扣|卡在|提不|出不来|发不出|运不过来|运不出)", "EQUIP_TRANSIT", 6),
    ("熔喷", "RAW_OUT", 4),
    ("(外市|外省|外地|省外).{0,10}(料|布|货)", "RAW_OUT", 2),
    ("无纺布|耳带|耳绳|鼻梁|原料|原材料|断料|缺料|断供|涨价|涨到|薄膜|酒精不够", "RAW_LOCAL", 3),
    ("规格不|卷宽|幅宽|克重|分切|代加工", "MAT_SPEC", 5),
    ("(上游|下游|配套|供应商|供货).{0,12}(复工|停工|没开|没有开|停产|没批)", "SUPPORT_CHAIN", 5),
    ("(厂|公司).{0,8}(没有?复工|还没复工|没批复工)|复工审批|纸箱|包装袋", "SUPPORT_CHAIN", 5),
    ("缺工|缺人|招工|招不到|想招|要招|临时工|人手|包装工|技工|普工|工人不够|夜班", "LABOUR", 4),
    ("回不来|返岗|返厂|隔离|健康码|核酸|老家|籍(工人|员工)|接员工|包车|买不到票|回来上班|不让(出村|回)", "STAFF_TRAVEL", 4),
    ("(工人|员工|职工).{0,14}(回不来|过不来|出不来|被隔离|隔离)", "STAFF_TRAVEL", 4),
    ("(自己|厂里|员工|车间|工人).{0,8}(口罩|防护服|消毒液).{0,6}(不够|没有|用完|紧)|额温枪|测温枪", "PPE", 5),
    ("阳性|密接|封控|封厂|消杀|疫情防控检查", "EPIDEMIC", 5),
    ("贷款|贷|利息|抵押|周转|资金|现款|垫款|银行|授信", "FINANCE", 4),
    ("补助|补贴|专项|奖励|拨付|技改资金", "FUND", 4),
    ("报关|海关|清关|(?:[^速])出口|^出口|进口|关税|税费|退税|交税|商检", "TAX_CUSTOMS", 4),
    ("注册证|备案|认证|资质|许可证|生产许可|办证|批文|白名单|资格|二类|医疗器械", "LICENSE", 4),
    ("送检|检测|检验|化验|检测报告|过滤效率|排队.{0,6}检", "TEST", 4),
    ("灭菌|解析|环氧乙烷|辐照|钴", "STERILISE", 6),
    ("(机器|设备|口罩机|焊接机|耳机|电机|[^手]机).{0,8}(坏|修|断|故障|开不动)", "EQUIP_TECH", 4),
    ("调试|配件|备件|工程师|技术员|师傅来|维修|安装", "EQUIP_TECH", 4),
    ("厂房|车间.{0,6}(改|租|找|不够)|净化车间|洁净|场地|仓库|租", "LAND_SITE", 4),
    ("环评|立项|项目备案|开工手续|施工许可", "PROJECT", 6),
    ("停电|用电|限电|供电|电力|增容|变压器|电压|跳闸", "POWER", 5),
    ("天然气|燃气|煤|蒸汽|柴油|供热|供暖|停气", "COAL_GAS", 5),
    ("卖不|滞销|积压|没人(收|要|买)|库存.{0,6}(多|积|压|万|千)|销路|收储|调拨|订单.{0,4}(没|取消)|退货", "SALES", 5),
    ("着火|火灾|事故|安全生产|消防|投诉|质量问题|受伤", "SAFETY", 5),
    ("政策|怎么(申请|办)|咨询|想了解|想问|哪里办|什么条件|哪些手续|什么手续", "POLICY", 3),
)  # fmt: skip
"""What people write, the category it speaks for, and how strongly."""

MOST = 3
Category = TypeVar("Category")


def guesses(text: str) -> list[str]:
    """The likeliest categories, best first; none where no word is known.

    >>> guesses("拉熔喷布的车在省界被劝返，要通行证")[0], guesses("今天天气很好")
    ('PASS_PROV', [])
    """
    found: dict[str, int] = {}
    for pattern, code, weight in WORDS:
        if re.search(pattern, text):
            found[code] = found.get(code, 0) + weight
    return sorted(found, key=lambda code: -found[code])[:MOST]


def grouped(known: Mapping[str, Category]) -> list[tuple[str, list[Category]]]:
    """The categories there are in their groups; one that has no group yet stands in the last."""
    named = {code for _, codes in GROUPS for code in codes}
    rows = [(word, [known[code] for code in codes if code in known]) for word, codes in GROUPS]
    rows[-1][1].extend(category for code, category in known.items() if code not in named)
    return rows
