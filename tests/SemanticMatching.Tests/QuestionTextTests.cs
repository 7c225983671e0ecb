using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Tests;

public sealed class QuestionTextTests
{
    [Theory]
    [InlineData("  How do I   reset\tmy password?? ", "how do i reset my password")]
    [InlineData("What’s new", "what's new")]
    [InlineData("???", "")]
    [InlineData("", "")]
    [InlineData("Zero\u200bwidth", "zerowidth")]
    [InlineData("a\u0001b", "a b")]
    public void Case_spaces_and_closing_punctuation_do_not_count(string text, string normalized)
        => Assert.Equal(normalized, QuestionText.Normalize(text));

    [Theory]
    [InlineData("How do I reset my password?", false)]
    [InlineData("What does `ls -A` do?", true)]
    [InlineData("Translate \"Polish\" please", true)]
    [InlineData("if (a) { return; }", true)]
    [InlineData("first line\nsecond line", true)]
    public void In_code_and_quotes_every_character_counts(string text, bool literal) => Assert.Equal(literal, QuestionText.IsLiteral(text));

    [Theory]
    [InlineData("What is 5 plus 7", "What is five plus seven", true)]
    [InlineData("flights on 3 May", "flights on 4 May", false)]
    [InlineData("1,000 euros", "1000 euros", true)]
    [InlineData("no numbers here", "version 3", true)]
    public void Numbers_are_compared_by_value(string a, string b, bool same) => Assert.Equal(same, QuestionText.Read(a).SameNumbers(QuestionText.Read(b)));

    [Fact]
    public void Any_text_can_be_read()
    {
        foreach (var text in Texts.Awkward)
        {
            var read = QuestionText.Read(text);
            Assert.NotNull(read.Normalized);
            Assert.Equal(read.Normalized, QuestionText.Normalize(read.Normalized + " ?"));
        }
    }
}
