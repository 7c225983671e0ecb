using Gateway.Guardrails.Engine.Normalization;

namespace Gateway.Guardrails.Engine.Tests.Normalization;

public sealed class PhraseTreeTests
{
    [Theory]
    [InlineData("ignore all rules", 1UL | 2UL, 10)]
    [InlineData("ignore", 1UL, 6)]
    [InlineData("ignored", 0UL, 0)]
    [InlineData("ignore - all", 1UL | 2UL, 12)]
    [InlineData("forgetting", 4UL, 6)]
    [InlineData("new rules", 8UL, 9)]
    [InlineData("newer rules", 8UL, 11)]
    [InlineData("zażółć", 0UL, 0)]
    [InlineData("забудьте", 16UL, 6)]
    [InlineData("忘记一切", 32UL, 2)]
    [InlineData("[inst] now", 64UL, 6)]
    public void Phrases_are_found_where_they_begin(string text, ulong bits, int end)
    {
        var tree = new PhraseTree();
        tree.Add("ignore", 1);
        tree.Add("ignore all", 2);
        tree.Add("forget*", 4);
        tree.Add("new* rules", 8);
        tree.Add("забудь*", 16);
        tree.Add("忘记", 32);
        tree.Add("[inst]", 64);

        Assert.Equal((bits, end), (tree.Match(text, 0, out var found), found));
    }

    [Fact]
    public void What_is_added_later_is_found_as_well()
    {
        var tree = new PhraseTree();
        tree.Add("one", 1);
        Assert.Equal(0UL, tree.Match("onerous", 0, out _));
        tree.Add("onero*", 2);

        Assert.Equal(2UL, tree.Match("onerous", 0, out _));
        Assert.Equal(1UL, tree.Match("one", 0, out _));
    }
}
