using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>Answers a text completion.</summary>
internal static class DemoCompletions
{
    private const int MostRepeats = 16;
    private const int MostPrompts = 128;

    public static DemoAnswer Answer(JsonElement body)
    {
        var prompts = DemoInput.Read(body, "prompt", MostPrompts);
        // The dialect says 16 tokens when nothing is asked for; an introduction cut in mid-sentence would tell nothing.
        var maxTokens = DemoJson.Count(body, "max_tokens", 0, int.MaxValue);
        var repeats = DemoJson.Count(body, "n", 1, MostRepeats) ?? 1;
        var choices = prompts.SelectMany(p => Enumerable.Repeat(
            DemoChoice.Of(
                DemoText.UntilStop(body, $" {DemoText.Introduction} You sent a prompt of {DemoText.Some((int)Math.Min(p.Tokens, int.MaxValue), "token")}{(p.Text is null ? "" : $": {DemoText.Quote(p.Text)}")}. {DemoText.HowToAddProvider}"),
                tool: null,
                maxTokens),
            repeats));
        return new DemoAnswer([.. choices], prompts.Sum(static p => p.Tokens));
    }
}
