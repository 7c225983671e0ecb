using System.Text;
using System.Text.Json;

namespace Gateway.Tokenizers.Tests;

public sealed class ReferenceTests
{
    [Theory]
    [InlineData(BpeEncoding.O200kBase, "o200k_base")]
    [InlineData(BpeEncoding.Cl100kBase, "cl100k_base")]
    public void Every_reference_text_has_its_tokens(BpeEncoding encoding, string name)
    {
        var tokenizer = BpeTokenizer.Load(encoding);
        var texts = 0;
        foreach (var line in Lines())
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            var expected = json.RootElement.GetProperty(name).EnumerateArray().Select(static id => id.GetInt32()).ToArray();
            var utf8 = Encoding.UTF8.GetBytes(text);
            Assert.True(expected.SequenceEqual(tokenizer.Encode(utf8)), $"{text}: expected {string.Join(' ', expected)}, was {string.Join(' ', tokenizer.Encode(utf8))}");
            Assert.Equal(expected.Length, tokenizer.Count(utf8));
            texts++;
        }

        Assert.Equal(88, texts);
    }

    [Theory]
    [InlineData("gpt-4o-mini", BpeEncoding.O200kBase)]
    [InlineData("gpt-5-nano-2025-08-07", BpeEncoding.O200kBase)]
    [InlineData("gpt-4.1", BpeEncoding.O200kBase)]
    [InlineData("o3-mini", BpeEncoding.O200kBase)]
    [InlineData("openai/o4-mini", BpeEncoding.O200kBase)]
    [InlineData("ft:gpt-4o-2024-08-06:acme::1", BpeEncoding.O200kBase)]
    [InlineData("gpt-4-turbo", BpeEncoding.Cl100kBase)]
    [InlineData("gpt-4", BpeEncoding.Cl100kBase)]
    [InlineData("gpt-35-turbo", BpeEncoding.Cl100kBase)]
    [InlineData("text-embedding-3-large", BpeEncoding.Cl100kBase)]
    [InlineData("gpt-oss-120b", BpeEncoding.None)]
    [InlineData("claude-opus-4-1", BpeEncoding.None)]
    [InlineData("o365-helper", BpeEncoding.None)]
    public void A_model_is_counted_by_the_encoding_of_its_family(string model, BpeEncoding expected) => Assert.Equal(expected, ModelEncodings.Of(model));

    internal static IEnumerable<string> Lines()
    {
        using var reader = new StreamReader(typeof(ReferenceTests).Assembly.GetManifestResourceStream("reference.jsonl")!);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
