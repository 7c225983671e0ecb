using FsCheck;
using FsCheck.Fluent;
using Gateway.Edge.Continuation;

namespace Gateway.Edge.Tests.Continuation;

public sealed class RepeatTrimmerTests
{
    [Theory]
    [InlineData("The answer is forty-two, of course", "forty-two, of course and nothing else", " and nothing else")]
    [InlineData("The answer is forty-two, of course", "The answer is forty-two, of course and so on", " and so on")]
    [InlineData("The answer is forty-two, of course", " and so on", " and so on")]
    [InlineData("The answer is forty-two, of course", "The answer to that", "The answer to that")]
    [InlineData("it says the ", "the gateway", "the gateway")]
    [InlineData("aha", "aha aha", "aha aha")]
    [InlineData("Hello", "Hello world", " world")]
    [InlineData("", "anything", "anything")]
    [InlineData("twelve chars", "twelve chars", "")]
    [InlineData("🙂🙂🙂🙂🙂🙂🙂", "🙂🙂🙂🙂🙂🙂🙂 fine", " fine")]
    [InlineData("naïve café 日本 über", "café 日本 über alles", " alles")]
    public void What_is_repeated_is_left_out_however_it_is_cut(string sent, string leg, string rest)
    {
        for (var size = 1; size <= leg.Length; size++)
        {
            var trimmer = new RepeatTrimmer(sent);
            Assert.Equal(rest, string.Concat(leg.Chunk(size).Select(c => trimmer.Add(new string(c)))) + trimmer.Flush());
        }
    }

    [Fact]
    public void Nothing_is_lost_or_repeated_of_any_text_in_any_pieces()
    {
        var cases =
            from words in Gen.ArrayOf(Gen.Choose(0x20, 0x3ff), 60)
            from cut in Gen.Choose(0, 60)
            from repeat in Gen.Elements(0, RepeatTrimmer.LeastTail, 17, 30, 60)
            from size in Gen.Choose(1, 20)
            select (Text: string.Concat(words.Select(static c => (char)c)), Cut: cut, Repeat: repeat, Size: size);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var sent = c.Text[..c.Cut];
            var leg = c.Cut - c.Repeat < 0 && c.Cut < RepeatTrimmer.LeastWhole ? c.Text[c.Cut..] : c.Text[Math.Max(0, c.Cut - c.Repeat)..];
            var trimmer = new RepeatTrimmer(sent);
            return sent + string.Concat(leg.Chunk(c.Size).Select(p => trimmer.Add(new string(p)))) + trimmer.Flush() == c.Text;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_character_is_never_split()
    {
        var trimmer = new RepeatTrimmer("0123456789ab\ud83d");
        Assert.Equal("0123456789ab🙂", trimmer.Add("0123456789ab🙂") + trimmer.Flush());
    }

    [Fact]
    public void What_does_not_repeat_is_not_held_back()
    {
        var trimmer = new RepeatTrimmer("a text that has gone out");
        Assert.Equal(" and", trimmer.Add(" and"));
        Assert.Equal(" a text that", trimmer.Add(" a text that"));
    }

    [Theory]
    [InlineData("so far  \n", "  \nand on", "and on")]
    [InlineData("so far ", "and on", "and on")]
    [InlineData("so far ", "  and on", " and on")]
    [InlineData("so far", " and on", " and on")]
    public void The_space_that_a_prefilled_message_loses_is_not_written_twice(string sent, string leg, string rest)
    {
        for (var size = 1; size <= leg.Length; size++)
        {
            var spaces = new LostSpaces(sent);
            Assert.Equal(rest, string.Concat(leg.Chunk(size).Select(c => spaces.Add(new string(c)))));
        }
    }
}
