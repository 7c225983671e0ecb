using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Catalogue.Tests;

public sealed class PriceTableTests
{
    [Fact]
    public void Every_priced_model_has_the_figures_of_the_file_to_the_nano_dollar()
    {
        using var stream = typeof(PriceTable).Assembly.GetManifestResourceStream("model-prices.json")!;
        using var document = JsonDocument.Parse(stream);
        var checkedModels = 0;
        foreach (var model in document.RootElement.GetProperty("models").EnumerateArray())
        {
            var provider = model.GetProperty("provider").GetString()!;
            var name = model.GetProperty("model").GetString()!;
            if (!model.TryGetProperty("mode", out var mode) || mode.GetString() is not ("chat" or "completion" or "embedding" or "responses"))
            {
                continue;
            }

            var known = PriceTable.Default.ModelsOf(provider).Single(m => m.Model == name);
            if (known.Price is not { } price || model.TryGetProperty("ranges", out _))
            {
                continue;
            }

            Assert.Equal(Nano(model, "input") ?? 0, price.InputPerMillion);
            Assert.Equal(Nano(model, "output") ?? 0, price.OutputPerMillion);
            Assert.Equal(Positive(Nano(model, "cacheRead")), price.CacheReadPerMillion);
            Assert.Equal(Positive(Nano(model, "cacheWrite")), price.CacheWritePerMillion);
            Assert.Equal(Positive(Nano(model, "reasoningOutput")) ?? price.OutputPerMillion, price.ReasoningPerMillion ?? price.OutputPerMillion);
            Assert.Equal(Positive(Nano(model, "cacheWrite1h")), price.CacheWriteHourPerMillion);
            Assert.Equal(Positive(Nano(model, "audioCacheRead")), price.AudioCacheReadPerMillion);
            Assert.Equal(Positive(Nano(model, "imageInput")), price.ImageInputPerMillion);
            Assert.Equal(Positive(Nano(model, "imageOutput")), price.ImageOutputPerMillion);
            Assert.Equal(Count(model, "tiers") + Count(model, "above") - PriceTable.Default.Doubtful.Count(d => d.Provider == provider && d.Model == name), price.Variants.Count);
            Assert.Equal(Positive(Nano(model, "audioInput")), price.AudioInputPerMillion);
            Assert.Equal(Positive(Nano(model, "audioOutput")), price.AudioOutputPerMillion);
            Assert.Equal("table@" + document.RootElement.GetProperty("asOf").GetString(), price.Version);
            checkedModels++;
        }

        Assert.True(checkedModels > 2500, $"{checkedModels} models priced");
    }

    [Fact]
    public void A_known_model_has_price_limits_and_version()
    {
        var model = PriceTable.Default.FindModel("openai", "gpt-4o-mini")!;

        Assert.Equal(150_000_000, model.Price!.InputPerMillion);
        Assert.Equal(600_000_000, model.Price.OutputPerMillion);
        Assert.Equal(75_000_000, model.Price.CacheReadPerMillion);
        Assert.Equal("table@" + PriceTable.Default.Version, model.Price.Version);
        Assert.Equal(16384, model.MaxOutputTokens);
        Assert.Equal(128000, model.ContextTokens);
        Assert.Equal(ModelMode.Chat, model.Mode);
    }

    [Fact]
    public void Float_noise_of_the_source_is_rounded_away()
        => Assert.Equal(15_000_020_000, PriceTable.Default.Find("databricks", "databricks-claude-opus-4")!.InputPerMillion);

    [Fact]
    public void Price_bands_are_a_price_and_what_long_prompts_cost()
    {
        var model = PriceTable.Default.FindModel("dashscope", "qwen-flash")!;

        Assert.Equal(50_000_000, model.Price!.InputPerMillion);
        Assert.Equal(400_000_000, model.Price.OutputPerMillion);
        var band = Assert.Single(model.Price.Variants);
        Assert.Equal((null, 256_000, 250_000_000, 2_000_000_000), (band.Tier, band.AbovePromptTokens, band.InputPerMillion, band.OutputPerMillion));
    }

    [Theory]
    [InlineData("openai", "GPT-4o-Mini", "gpt-4o-mini")]
    [InlineData("openai", "openai/gpt-4o-mini", "gpt-4o-mini")]
    [InlineData("gemini", "models/gemini-2.5-pro", "gemini-2.5-pro")]
    [InlineData("openai", "ft:gpt-4o-2024-08-06:acme::abc123", "ft:gpt-4o-2024-08-06")]
    [InlineData("openai", "gpt-4o-mini-2031-01-01", "gpt-4o-mini")]
    [InlineData("anthropic", "claude-sonnet-4-5-20310101", "claude-sonnet-4-5")]
    [InlineData("anthropic", "claude-sonnet-4-5-latest", "claude-sonnet-4-5")]
    [InlineData("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13")]
    [InlineData("ai21_chat", "jamba-large-1.7", "jamba-large-1.7")]
    public void A_name_in_a_safe_variation_is_found(string provider, string asked, string expected)
        => Assert.Equal(expected, PriceTable.Default.FindModel(provider, asked)?.Model);

    [Theory]
    [InlineData("openai", "gpt-4o-2031-01-01")] // dated gpt-4o snapshots have cost different amounts
    [InlineData("openai", "gpt-4o-mini-turbo")]
    [InlineData("openai", "claude-sonnet-4-5")]
    [InlineData("openai", "")]
    [InlineData("nobody", "gpt-4o-mini")]
    public void A_name_that_is_only_similar_is_not_guessed(string provider, string asked)
        => Assert.Null(PriceTable.Default.FindModel(provider, asked));

    [Theory]
    [InlineData("azure_ai", "jais-30b-chat", "above every model")]
    [InlineData("watsonx", "core42/jais-13b-chat", "above every model")]
    [InlineData("fireworks_ai", "accounts/fireworks/models/flux-1-dev-controlnet-union", "per step")]
    [InlineData("perplexity", "pplx-70b-online", "input price missing")]
    [InlineData("azure", "model-router", "output price missing")]
    [InlineData("publicai", null, "zero price")]
    [InlineData("crusoe", "Qwen/Qwen3-235B-A22B-Instruct-2507", "other offers")]
    [InlineData("coralbricks", "deepseek-v4.1-flash", "times the input")]
    public void Doubtful_figures_are_listed_with_a_reason_and_not_billed(string provider, string? model, string? reason)
    {
        var doubtful = PriceTable.Default.Doubtful.First(d => d.Provider == provider && (model is null || d.Model == model));

        Assert.Contains(reason ?? "", doubtful.Reason, StringComparison.Ordinal);
        Assert.Null(PriceTable.Default.ModelsOf(provider).Single(m => m.Model == doubtful.Model).Price);
    }

    [Fact]
    public void Well_known_models_are_not_in_doubt()
    {
        (string, string)[] sure =
        [
            ("openai", "gpt-4o"), ("openai", "gpt-5"), ("openai", "o1-pro"), ("openai", "text-embedding-3-small"), ("anthropic", "claude-opus-4-5"),
            ("gemini", "gemini-2.5-pro"), ("groq", "openai/gpt-oss-20b"), ("deepseek", "deepseek-chat"), ("mistral", "mistral-large-latest"),
        ];

        Assert.All(sure, m => Assert.NotNull(PriceTable.Default.Find(m.Item1, m.Item2)));
    }

    [Fact]
    public void The_list_of_doubtful_figures_is_known()
    {
        // A new file of figures changes these: look at what has come and gone before writing them anew.
        var reasons = PriceTable.Default.Doubtful.GroupBy(static d => d.Reason switch
        {
            "zero price" or "input price missing" or "output price missing" => d.Reason,
            var r => r.Split(' ').First(static w => w is "times" or "other" or "above" or "looks" or "tier" or "no"),
        }).ToDictionary(static g => g.Key, static g => g.Count());
        Assert.Equal(
            "above 2, input price missing 11, looks 8, no 1, other 3, output price missing 13, tier 2, times 4, zero price 118",
            string.Join(", ", reasons.OrderBy(static r => r.Key, StringComparer.Ordinal).Select(static r => $"{r.Key} {r.Value}")));
        Assert.Equal(162, PriceTable.Default.Doubtful.Count);
    }

    [Fact]
    public void A_tier_in_doubt_leaves_the_rest_of_the_price()
    {
        Assert.Contains(PriceTable.Default.Doubtful, static d => d is { Provider: "openai", Model: "gpt-5-nano", Tier: Contracts.Usage.ServiceTier.Priority });
        var price = PriceTable.Default.Find("openai", "gpt-5-nano")!;
        Assert.Equal(50_000_000, price.InputPerMillion);
        Assert.DoesNotContain(price.Variants, static v => v.Tier == Contracts.Usage.ServiceTier.Priority);
    }

    [Fact]
    public void Loading_is_fast_and_small()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var table = PriceTable.Load();
        watch.Stop();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalMilliseconds:0.0} ms, {allocated / 1024} KiB, {table.Doubtful.Count} doubtful"));
        Assert.True(allocated < 8 * 1024 * 1024, $"{allocated} bytes allocated");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed} to load");
    }

    private static int Count(JsonElement model, string name) => model.TryGetProperty(name, out var list) ? list.GetArrayLength() : 0;

    private static long? Positive(long? value) => value is > 0 ? value : null;

    private static long? Nano(JsonElement model, string name)
        => model.TryGetProperty(name, out var value) ? (long)Math.Round(value.GetDecimal() * 1_000_000_000m, MidpointRounding.AwayFromZero) : null;
}
