using System.Text;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.OpenAI;

public sealed class UsageReaderTests
{
    [Fact]
    public void Totals_are_taken_apart_into_disjoint_classes()
    {
        const string answer = """
            {"id":"x","choices":[{"message":{"content":"usage"}}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":10},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":5,"accepted_prediction_tokens":0}}}
            """;
        Assert.Equal(AnswerUsage.Found, UsageReader.ReadAnswer(Encoding.UTF8.GetBytes(answer), out var counts));
        Assert.Equal(new TokenCounts { Input = 30, CacheRead = 60, AudioInput = 10, Output = 25, Reasoning = 20, AudioOutput = 5 }, counts);
        Assert.Equal(150, counts.Total);
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4}}""", 6, 4, 5, 0)]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null}}""", 10, 0, 5, 0)]
    [InlineData("""{"usage":{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":99}}}""", 0, 10, 0, 0)]
    [InlineData("""{"usage":{"prompt_tokens":1,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":9}}}""", 1, 0, 5, 9)]
    [InlineData("""{"usage":{"prompt_tokens":12,"completion_tokens":20,"total_tokens":42,"completion_tokens_details":{"reasoning_tokens":10}}}""", 12, 0, 20, 10)]
    [InlineData("""{"usage":{"prompt_tokens":12,"completion_tokens":20,"total_tokens":32,"completion_tokens_details":{"reasoning_tokens":10}}}""", 12, 0, 10, 10)]
    [InlineData("""{"usage":{"prompt_tokens":12,"completion_tokens":20,"total_tokens":32,"num_cached_tokens":64}}""", 0, 12, 20, 0)]
    [InlineData("""{"usage":{"prompt_tokens":12,"completion_tokens":20,"total_tokens":32,"cached_tokens":10}}""", 2, 10, 20, 0)]
    [InlineData("""{"usage":{"prompt_tokens":-3,"completion_tokens":"x"}}""", 0, 0, 0, 0)]
    public void Odd_reports_never_give_negative_or_double_counts(string answer, long input, long cacheRead, long output, long reasoning)
    {
        Assert.Equal(AnswerUsage.Found, UsageReader.ReadAnswer(Encoding.UTF8.GetBytes(answer), out var counts));
        Assert.Equal(new TokenCounts { Input = input, CacheRead = cacheRead, Output = output, Reasoning = reasoning }, counts);
    }

    [Theory]
    [InlineData("""{"id":"x"}""", AnswerUsage.Absent)]
    [InlineData("""{"usage":null}""", AnswerUsage.Absent)]
    [InlineData("""{"id":""", AnswerUsage.NotAnAnswer)]
    [InlineData("<html>", AnswerUsage.NotAnAnswer)]
    [InlineData("", AnswerUsage.NotAnAnswer)]
    [InlineData("[]", AnswerUsage.NotAnAnswer)]
    public void An_answer_without_usage_is_told_apart_from_no_answer(string answer, AnswerUsage expected) =>
        Assert.Equal(expected, UsageReader.ReadAnswer(Encoding.UTF8.GetBytes(answer), out _));
}
