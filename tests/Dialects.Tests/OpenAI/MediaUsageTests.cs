using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.OpenAI;

/// <summary>What images and audio used.</summary>
public sealed class MediaUsageTests
{
    [Fact]
    public void Images_are_counted_and_their_tokens_told_apart()
    {
        Assert.True(Read("""{"created":1,"data":[{"b64_json":"AA=="},{"b64_json":"AA=="}],"usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}""", out var usage));
        Assert.Equal(2, usage.Items);
        Assert.Equal(new TokenCounts { Input = 10, ImageInput = 40, ImageOutput = 50 }, usage.Tokens);
        Assert.True(Read("""{"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":50,"output_tokens":60,"input_tokens_details":{"text_tokens":10,"image_tokens":40,"cached_tokens":30,"cached_tokens_details":{"text_tokens":5,"image_tokens":25}},"output_tokens_details":{"text_tokens":10,"image_tokens":50}}}""", out usage));
        Assert.Equal(new TokenCounts { Input = 5, CacheRead = 5, ImageInput = 15, ImageCacheRead = 25, Output = 10, ImageOutput = 50 }, usage.Tokens);
        Assert.True(Read("""{"type":"image_generation.completed","b64_json":"AA==","usage":{"input_tokens":50,"output_tokens":60,"input_tokens_details":{"text_tokens":50,"image_tokens":0}}}""", out usage));
        Assert.Equal(new TokenCounts { Input = 50, ImageOutput = 60 }, usage.Tokens);
    }

    [Fact]
    public void Sound_is_counted_in_tokens_or_in_seconds()
    {
        Assert.True(Read("""{"text":"x","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":45,"total_tokens":59}}""", out var usage));
        Assert.Equal(new TokenCounts { Input = 4, AudioInput = 10, Output = 45 }, usage.Tokens);
        Assert.True(Read("""{"text":"x","usage":{"type":"duration","seconds":9}}""", out usage));
        Assert.Equal((null, 9d), (usage.Tokens, usage.Seconds));
        Assert.True(Read("""{"task":"transcribe","duration":2.95,"text":"x"}""", out usage));
        Assert.Equal(2.95, usage.Seconds);
    }

    [Theory]
    [InlineData("""{"usage":null,"data":null,"duration":"x","type":7}""")]
    [InlineData("""{"usage":{"input_tokens":-5,"output_tokens":"x","input_tokens_details":[]},"data":{}}""")]
    [InlineData("""{"usage":{"input_tokens":5,"input_tokens_details":{"image_tokens":99,"audio_tokens":99,"cached_tokens":99}}}""")]
    public void Odd_members_never_count_more_than_there_is(string json)
    {
        Assert.True(Read(json, out var usage));
        Assert.InRange(usage.Tokens?.Total ?? 0, 0, 5);
    }

    [Fact]
    public void No_bytes_break_the_reader()
    {
        string[] pieces = ["{", "}", "[", "]", "\"usage\":", "\"data\":", "\"duration\":", "\"type\":", "\"error\":", "1", "\"\\ud800\"", ",", "null", "{}"];
        Prop.ForAll(Gen.Elements(pieces).ListOf().ToArbitrary(), parts =>
        {
            Read(string.Concat(parts), out _);
        }).QuickCheckThrowOnFailure();
    }

    private static bool Read(string json, out MediaUsage usage) => MediaUsage.TryRead(Encoding.UTF8.GetBytes(json), out usage);
}
