using System.Text;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.Gemini;

/// <summary>Searches of the web that Gemini tells of, which are billed.</summary>
public sealed class GeminiSearchTests
{
    private const string Usage = "\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":4,\"totalTokenCount\":7}";

    [Theory]
    [InlineData("", 0)]
    [InlineData(",\"groundingMetadata\":{}", 0)]
    [InlineData(",\"groundingMetadata\":null", 0)]
    [InlineData(",\"groundingMetadata\":{\"webSearchQueries\":null}", 0)]
    [InlineData(",\"groundingMetadata\":{\"webSearchQueries\":[\"\",\"\"]}", 0)]
    [InlineData(",\"groundingMetadata\":{\"groundingChunks\":[{\"web\":{\"webSearchQueries\":[\"x\"]}}],\"webSearchQueries\":[\"\",\"a\",7,\"b\",\"a\"]}", 2)]
    [InlineData(",\"grounding_metadata\":{\"web_search_queries\":[\"a\"]}", 1)]
    [InlineData(",\"x\":{\"groundingMetadata\":{\"webSearchQueries\":[\"a\"]}}", 0)]
    public void Each_query_counts_once_and_empty_ones_do_not(string metadata, int searches)
    {
        foreach (var body in (string[])[$$"""{"candidates":[{"content":{"parts":[{"text":"t"}]}{{metadata}}}],{{Usage}}}""", $$"""{{{Usage}},"candidates":[{"content":{"parts":[{"text":"t"}]}{{metadata}}}]}"""])
        {
            Assert.Equal(AnswerUsage.Found, GeminiUsage.ReadAnswer(Encoding.UTF8.GetBytes(body), out var counts));
            Assert.Equal((searches, 4), (counts.WebSearches, counts.Output));
        }
    }

    [Fact]
    public void Queries_of_all_candidates_are_counted_together()
    {
        const string body = $$$"""{"candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"]}},{"groundingMetadata":{"webSearchQueries":["b","c"]}}],{{{Usage}}}}""";
        Assert.Equal(AnswerUsage.Found, GeminiUsage.ReadAnswer(Encoding.UTF8.GetBytes(body), out var counts));
        Assert.Equal(3, counts.WebSearches);
        var scan = GeminiStreamScan.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal((3, true, 4L), (scan.WebSearches, scan.HasUsage, scan.Tokens.Output));
    }
}
