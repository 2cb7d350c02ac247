// The libraries for scripts: cjson, cmsgpack, struct, bit.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class LibrariesTest : public ServerTest {
 protected:
  Reply Eval(const std::string& script) { return Connect().Command("EVAL", script, 0); }
};

TEST_F(LibrariesTest, JsonGoesBothWays) {
  EXPECT_THAT(Eval("return cjson.encode({1, 2.5, 'x', true, cjson.null})"), IsBulk("[1,2.5,\"x\",true,null]"));
  EXPECT_THAT(Eval("return cjson.decode('{\"a\":[1,{\"b\":\"c\"}]}').a[2].b"), IsBulk("c"));
  EXPECT_THAT(Eval("return cjson.decode('{')"), IsErrorStarting("ERR user_script:1: Expected object key string"));
}

TEST_F(LibrariesTest, BitsAreOperatedOn) {
  EXPECT_THAT(Eval("return bit.band(0xff, 0x0f)"), IsInt(15));
  EXPECT_THAT(Eval("return bit.tohex(65535, -4)"), IsBulk("FFFF"));
  EXPECT_THAT(Eval("return bit.tohex(65535, -2147483648)"), IsBulk("0000FFFF"));
}

TEST_F(LibrariesTest, MessagePackUsesTheShortestForm) {
  const auto packed = [&](const std::string& value) {
    return Eval("local s = cmsgpack.pack(" + value +
                ") local h = '' for i = 1, #s do h = h .. string.format('%02x', s:byte(i)) end return h")
        .text;
  };
  EXPECT_EQ(packed("127"), "7f");
  EXPECT_EQ(packed("128"), "cc80");
  EXPECT_EQ(packed("65535"), "cdffff");
  EXPECT_EQ(packed("65536"), "ce00010000");
  EXPECT_EQ(packed("4294967296"), "cf0000000100000000");
  EXPECT_EQ(packed("-32"), "e0");
  EXPECT_EQ(packed("-33"), "d0df");
  EXPECT_EQ(packed("-129"), "d1ff7f");
  EXPECT_EQ(packed("-32769"), "d2ffff7fff");
  EXPECT_EQ(packed("-1099511627776"), "d3ffffff0000000000");
  EXPECT_EQ(packed("0.1"), "cb3fb999999999999a");
  EXPECT_EQ(packed("1.5"), "ca3fc00000");
  EXPECT_EQ(packed("{}"), "90");
  EXPECT_EQ(packed("{1,2}"), "920102");
  EXPECT_EQ(packed("{a=1}"), "81a16101");
  EXPECT_EQ(packed("{[1]=1,[3]=3}").substr(0, 2), "82");
  EXPECT_EQ(packed("nil, true, false, 'x'"), "c0c3c2a178");
  EXPECT_EQ(packed("('x'):rep(32)").substr(0, 4), "d920");
}

TEST_F(LibrariesTest, MessagePackUnpacksWhatItPacked) {
  EXPECT_THAT(Eval("local t = cmsgpack.unpack(cmsgpack.pack({a={1,2,{b='c'}}})) return {t.a[1], t.a[3].b}"),
              IsArray(1, "c"));
  EXPECT_THAT(Eval("return {cmsgpack.unpack(cmsgpack.pack(1, 'x', 3))}"), IsArray(1, "x", 3));
  EXPECT_THAT(Eval("return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 1)}"), IsArray(2, 2));
  EXPECT_THAT(Eval("return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 5, 1)}"), IsArray(-1, 2, 3));
  EXPECT_THAT(Eval("return cmsgpack.unpack('\\196')"), IsErrorStarting("ERR user_script:1: "));
  EXPECT_THAT(Eval("return cmsgpack.unpack('\\193')"), IsErrorStarting("ERR user_script:1: Bad data format in input."));
  EXPECT_THAT(Eval("return cmsgpack.unpack('\\205\\1')"), IsErrorStarting("ERR user_script:1: Missing bytes in input."));
  EXPECT_THAT(Eval("return cmsgpack.unpack(('\\145'):rep(1000000))"), IsErrorStarting("ERR "));
  EXPECT_THAT(Eval("return cmsgpack.pack()"), IsErrorStarting("ERR "));
  EXPECT_THAT(Eval("local t = {} t.x = t return #cmsgpack.pack(t)"), IsInt(49));
}

TEST_F(LibrariesTest, StructsArePackedAndUnpacked) {
  EXPECT_THAT(Eval("return {struct.unpack('>I2hbs', struct.pack('>I2hbs', 513, -2, -3, 'abc'))}"),
              IsArray(513, -2, -3, "abc", 10));
  EXPECT_THAT(Eval("return struct.pack('<I4', 1)"), IsBulk(std::string("\1\0\0\0", 4)));
  EXPECT_THAT(Eval("return struct.pack('>!4 b i4', 1, 2)"), IsBulk(std::string("\1\0\0\0\0\0\0\2", 8)));
  EXPECT_THAT(Eval("return {struct.unpack('bc0', '\\3abcdef')}"), IsArray("abc", 5));
  EXPECT_THAT(Eval("return struct.size('!8 b d')"), IsInt(16));
  EXPECT_THAT(Eval("return struct.pack('c2x', 'abc')"), IsBulk(std::string("ab\0", 3)));
  EXPECT_THAT(Eval("return tostring(struct.unpack('d', struct.pack('d', 1.25)))"), IsBulk("1.25"));
  EXPECT_THAT(Eval("return struct.unpack('I4', 'abc')"), IsErrorStarting("ERR user_script:1: bad argument"));
  EXPECT_THAT(Eval("return struct.unpack('s', 'abc')"), IsErrorStarting("ERR user_script:1: unfinished string in data"));
  EXPECT_THAT(Eval("return struct.pack('I33', 1)"), IsErrorStarting("ERR user_script:1: integral size 33"));
  EXPECT_THAT(Eval("return struct.pack('y', 1)"), IsErrorStarting("ERR user_script:1: invalid format option 'y'"));
  EXPECT_THAT(Eval("return struct.unpack('b', 'abc', -1)"), IsErrorStarting("ERR user_script:1: bad argument"));
  EXPECT_THAT(Eval("return struct.unpack('c99999999999', 'abc')"), IsErrorStarting("ERR user_script:1: integral size"));
}

}  // namespace
}  // namespace pinion::test
