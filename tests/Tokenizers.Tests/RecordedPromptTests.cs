using Gateway.Recordings;

namespace Gateway.Tokenizers.Tests;

/// <summary>The bounds of prompts against what providers counted.</summary>
public sealed class RecordedPromptTests
{
    [Fact]
    public void No_recorded_prompt_is_larger_than_its_length_and_what_providers_add()
    {
        Assert.SkipUnless(Corpus.IsPresent, "the recordings are not on this machine");
        var prompts = RecordedPrompt.All();
        Assert.True(prompts.Count > 500);
        Assert.Contains(prompts, static p => p.Envelope.HasTools && p.Tokens > p.Body.Length);
        Assert.All(prompts, static p => Assert.True(p.Tokens <= Bound(p), $"{p.Provider} counted {p.Tokens} of {p.Model}, and the bound is {Bound(p)} for {p.Body.Length} bytes"));
    }

    [Fact]
    public void No_recorded_prompt_is_larger_than_what_is_counted()
    {
        Assert.SkipUnless(Corpus.IsPresent, "the recordings are not on this machine");
        var counted = RecordedPrompt.All().Where(static p => ModelEncodings.Of(p.Model) != BpeEncoding.None)
            .Select(static p => (Prompt: p, Count: JsonPrompt.Count(BpeTokenizer.Load(ModelEncodings.Of(p.Model)), p.Body.Span))).Where(static c => c.Count is not null).ToList();
        Assert.True(counted.Count > 200);
        Assert.All(counted, static c => Assert.True(c.Prompt.Tokens <= c.Count, $"{c.Prompt.Provider} counted {c.Prompt.Tokens} of {c.Prompt.Model}, and here they are {c.Count}"));
    }

    private static long Bound(RecordedPrompt prompt) =>
        prompt.Body.Length + HiddenPrompt.OfModel(prompt.Model, prompt.Envelope.HasTools) + HiddenPrompt.OfTools(prompt.Envelope.BuiltInTools, prompt.Envelope.HostedTools);
}
