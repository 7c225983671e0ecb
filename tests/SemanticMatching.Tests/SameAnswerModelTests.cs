using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Questions;
using Gateway.SemanticMatching.Scoring;

namespace Gateway.SemanticMatching.Tests;

public sealed class SameAnswerModelTests
{
    [Theory]
    [InlineData("How do I reset my password?", "How can I reset my password?", "How do I reset my router?")]
    [InlineData("What is the capital of France?", "What's the capital city of France?", "What is the capital of Spain?")]
    [InlineData("How many days are in 3 years?", "How many days are there in 3 years?", "How many days are in 7 years?")]
    public void A_paraphrase_is_likelier_than_another_question(string question, string paraphrase, string other)
        => Assert.True(Score(question, paraphrase, 0.92f) > Score(question, other, 0.92f) + 0.5);

    [Theory]
    [InlineData("How do I convert euros to dollars?", "How do I convert dollars to euros?")]
    [InlineData("How do I enable two factor login?", "How do I disable two factor login?")]
    [InlineData("Does Alice manage Bob?", "Does Bob manage Alice?")]
    [InlineData("flights from Paris to London", "flights from London to Paris")]
    [InlineData("Is it safe to take aspirin with alcohol?", "Is it not safe to take aspirin with alcohol?")]
    [InlineData("What happened in 1989?", "What happened in 1990?")]
    public void Opposites_turned_arguments_and_other_numbers_are_never_likely(string a, string b)
        => Assert.True(SameAnswerModel.Probability(Score(a, b, 0.97f)) < 0.6, $"{SameAnswerModel.Probability(Score(a, b, 0.97f)):0.000}");

    [Fact]
    public void The_order_of_the_two_does_not_matter_and_any_text_has_a_score()
    {
        var random = new Random(7);
        foreach (var a in Texts.Awkward)
        {
            var b = Texts.Awkward[random.Next(Texts.Awkward.Count)];
            var (left, right) = (Score(a, b, 0.5f), Score(b, a, 0.5f));
            Assert.True(double.IsFinite(left));
            Assert.Equal(left, right, 6);
        }
    }

    [Fact]
    public void Contributions_are_named_and_say_what_moved_the_score()
    {
        var features = SameAnswerModel.Default.Explain(QuestionText.Read("What is the boiling point of water?"), QuestionText.Read("Who wrote Hamlet?"), 0.1f);
        Assert.Equal(SameAnswerModel.Features, features.Count);
        Assert.Equal(FeatureNames.All.Select(static f => f.Name).Order(StringComparer.Ordinal), features.Select(static f => f.Name).Order(StringComparer.Ordinal));
        Assert.True(features[0].Contribution < 0);
    }

    [Fact]
    public void Weights_survive_being_written_and_damaged_ones_are_refused()
    {
        using var stream = new MemoryStream();
        SameAnswerModel.Default.Write(stream);
        var bytes = stream.ToArray();
        var (a, b) = (QuestionText.Read("How old is the sun?"), QuestionText.Read("What is the age of the sun?"));
        Assert.Equal(SameAnswerModel.Default.LogOdds(a, b, 0.9f), SameAnswerModel.Read(new MemoryStream(bytes)).LogOdds(a, b, 0.9f));
        Assert.Throws<InvalidDataException>(() => SameAnswerModel.Read(new MemoryStream(bytes[..^100])));
        Assert.Throws<InvalidDataException>(() => SameAnswerModel.Read(new MemoryStream([1, 2, 3, 4, 5, 6, 7, 8])));
    }

    private static double Score(string a, string b, float cosine) => SameAnswerModel.Default.LogOdds(QuestionText.Read(a), QuestionText.Read(b), cosine);
}
