using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Contract;

/// <summary>Random neutral requests and answers that a dialect with the given features can express.</summary>
internal sealed class RandomChat(int seed, DialectId dialect, DialectFeatures features)
{
    private static readonly string[] _words =
    [
        "hello", " world", "\n", "\t", "\"quoted\"", "\\", "ä", "漢字", "😀", "e\u0301", "</script>", "data: [DONE]", "{}", "&amp;", "\u0001", "\u2028", " ", "a b", "\r\n", "'",
    ];

    private readonly Random _random = new(seed);
    private int _calls;

    public ChatRequest Request()
    {
        var request = new ChatRequest { Origin = dialect, Model = "model", Temperature = Maybe(Number), TopP = Maybe(Number), MaxOutputTokens = Maybe(() => _random.Next(1, 900)) };
        Parameters(request);
        if (Chance())
        {
            var system = new ChatMessage(Has(Developer) && Chance() ? ChatRole.Developer : ChatRole.System);
            system.Parts.Add(Marked(new TextPart(Words())));
            request.Messages.Add(system);
        }

        for (var turn = _random.Next(1, 4); turn > 0; turn--)
        {
            request.Messages.Add(User());
            if (turn > 1)
            {
                Assistant(request);
            }
        }

        return request;
    }

    public ChatAnswer Answer()
    {
        var answer = new ChatAnswer { Origin = dialect, Id = "id" + _random.Next(1000), Model = "model", Created = 1_700_000_000 + _random.Next(1000), Usage = Usage() };
        for (var index = 0; index < (Has(Choices) ? _random.Next(1, 4) : 1); index++)
        {
            answer.Choices.Add(Choice(index));
        }

        return answer;
    }

    private void Parameters(ChatRequest request)
    {
        request.TopK = MaybeIf(TopK, () => _random.Next(1, 100));
        request.Seed = MaybeIf(DialectFeatures.Seed, () => (long)_random.Next());
        request.FrequencyPenalty = MaybeIf(Penalties, Number);
        request.PresencePenalty = MaybeIf(Penalties, Number);
        request.Choices = MaybeIf(ChoiceCount, () => _random.Next(2, 5));
        if (Has(Stop) && Chance())
        {
            request.Stop.AddRange(Enumerable.Range(0, _random.Next(1, 4)).Select(i => "stop" + i));
        }

        request.EndUser = Has(EndUser) && Chance() ? "user-1" : null;
        if (Has(Metadata) && Chance())
        {
            request.Metadata["team"] = "blue";
        }

        request.Verbosity = Has(Verbosity) && Chance() ? "low" : null;
        if (Has(ReasoningEffort) && Chance())
        {
            request.Reasoning = new ReasoningOptions { Effort = Pick("low", "medium", "high") };
        }
        else if (Has(ReasoningBudget) && Chance())
        {
            request.Reasoning = new ReasoningOptions { Enabled = true, BudgetTokens = _random.Next(1024, 4000) };
            request.MaxOutputTokens = 8000;
        }

        Format(request);
        Tools(request);
    }

    private void Format(ChatRequest request)
    {
        if (Has(JsonSchema) && Chance(4))
        {
            request.Format = new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Name = "answer", Schema = Schema() };
        }
        else if (Has(JsonObject) && Chance(4))
        {
            request.Format = new ResponseFormat { Kind = ResponseFormatKind.JsonObject };
        }
    }

    private void Tools(ChatRequest request)
    {
        for (var i = 0; i < 3; i++)
        {
            request.Tools.Add(new ToolDefinition
            {
                Name = "tool_" + i, Description = Chance() ? "does " + Words() : null, Parameters = Schema(), Strict = Has(StrictTools) && Chance() ? true : null,
                Cache = Has(CacheMarkers) && Chance(4) ? new CacheMarker(Pick(null, "5m", "1h")) : null,
            });
        }

        request.ToolChoice = _random.Next(6) switch
        {
            0 => new ToolChoice { Mode = ToolChoiceMode.Auto },
            1 when !Has(AlwaysTools) => new ToolChoice { Mode = ToolChoiceMode.None },
            2 => new ToolChoice { Mode = ToolChoiceMode.Required },
            3 => new ToolChoice { Mode = ToolChoiceMode.Named, Name = "tool_1" },
            4 when Has(AllowedTools) => new ToolChoice { Mode = ToolChoiceMode.Required, Allowed = ["tool_0", "tool_2"] },
            _ => null,
        };
        if (Has(ParallelToolCalls) && request.ToolChoice?.Mode is ToolChoiceMode.Auto or ToolChoiceMode.Required && Chance())
        {
            request.ParallelToolCalls = false;
        }
    }

    private ChatMessage User()
    {
        var message = new ChatMessage(ChatRole.User);
        message.Parts.Add(Marked(new TextPart(Words())));
        foreach (var (feature, part) in new (DialectFeatures, Func<ContentPart>)[]
        {
            (Images, () => new MediaPart(MediaKind.Image) { MediaType = "image/png", Data = Bytes() }),
            (ImageUrls, () => new MediaPart(MediaKind.Image) { Url = "https://example.com/a.png" }),
            (Documents, () => new MediaPart(MediaKind.Document) { MediaType = "application/pdf", Name = "a.pdf", Data = Bytes() }),
            (AudioInput, () => new MediaPart(MediaKind.Audio) { MediaType = "audio/wav", Data = Bytes() }),
        })
        {
            if (Has(feature) && Chance(3))
            {
                message.Parts.Add(Marked(part()));
            }
        }

        return message;
    }

    private void Assistant(ChatRequest request)
    {
        var message = new ChatMessage(ChatRole.Assistant);
        if (Has(ReasoningSignatures) && Chance())
        {
            message.Parts.Add(new ReasoningPart { Text = Words(), Signature = Sign() });
        }

        if (Has(EncryptedReasoning) && Chance(3))
        {
            message.Parts.Add(new ReasoningPart { Encrypted = Sign() });
        }

        message.Parts.Add(new TextPart(Words()));
        request.Messages.Add(message);
        var calls = Enumerable.Range(0, _random.Next(3)).Select(_ => Call()).ToList();
        message.Parts.AddRange(calls);
        if (calls.Count == 0)
        {
            return;
        }

        var results = new ChatMessage(ChatRole.Tool);
        request.Messages.Add(results);
        foreach (var call in calls)
        {
            var result = new ToolResultPart { CallId = call.Id, Name = call.Name, IsError = Has(ToolErrors) && Chance(4) };
            result.Content.Add(new TextPart(Words()));
            if (Has(ToolResultImages) && Chance(4))
            {
                result.Content.Add(new MediaPart(MediaKind.Image) { MediaType = "image/png", Data = Bytes() });
            }

            results.Parts.Add(result);
        }
    }

    private ChatChoice Choice(int index)
    {
        var choice = new ChatChoice { Index = index };
        AddReasoning(choice);
        if (Has(Refusals) && Chance(8))
        {
            choice.Parts.Add(new RefusalPart(Words()));
            choice.Finish = FinishReason.Refusal;
            return choice;
        }

        var kinds = _random.Next(1, 4);
        if ((kinds & 1) != 0)
        {
            choice.Parts.Add(Text());
        }

        for (var calls = (kinds & 2) != 0 ? _random.Next(1, 4) : 0; calls > 0; calls--)
        {
            choice.Parts.Add(Call());
            if (Has(MixedParts) && Chance(4))
            {
                choice.Parts.Add(Text());
            }
        }

        AddMedia(choice);
        choice.Finish = choice.Parts.Exists(static p => p is ToolCallPart) ? FinishReason.ToolCalls : _random.Next(6) switch
        {
            0 => FinishReason.Length,
            1 when Has(ContentFilter) => FinishReason.ContentFilter,
            2 when Has(StopSequenceReported) => FinishReason.StopSequence,
            _ => FinishReason.Stop,
        };
        choice.StopSequence = choice.Finish == FinishReason.StopSequence ? "stop0" : null;
        if (Has(LogProbabilities) && choice.Parts[^1] is TextPart && Chance(4))
        {
            choice.LogProbabilities = JsonElement.Parse("""{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]}],"refusal":null}""");
        }

        return choice;
    }

    private void AddReasoning(ChatChoice choice)
    {
        if (!Has(Reasoning))
        {
            return;
        }

        for (var count = _random.Next(Has(ReasoningSignatures) ? 3 : 2); count > 0; count--)
        {
            choice.Parts.Add(new ReasoningPart
            {
                Text = Words(), Signature = Has(ReasoningSignatures) ? Sign() : null, IsSummary = Has(ReasoningSummaries) && Chance(4),
            });
        }

        if (Has(EncryptedReasoning) && Chance(3))
        {
            choice.Parts.Add(new ReasoningPart { Encrypted = Sign() });
        }
    }

    private void AddMedia(ChatChoice choice)
    {
        if (Has(AudioOutput) && Chance(6))
        {
            choice.Parts.Add(new MediaPart(MediaKind.Audio) { Id = "audio_1", Data = Bytes(), Transcript = Words() });
        }

        if (Has(ImageOutput) && Chance(6))
        {
            choice.Parts.Add(new MediaPart(MediaKind.Image) { MediaType = "image/png", Data = Bytes() });
        }
    }

    private TextPart Text()
    {
        var text = new TextPart(Words());
        if (Has(WebCitations) && Chance(3))
        {
            text.Citations.Add(new Citation { Url = "https://example.com/" + _random.Next(9), Title = "Title", Start = 0, End = text.Text.Length, Origin = dialect });
        }

        return text;
    }

    private ToolCallPart Call()
    {
        var custom = Has(CustomTools) && Chance(4);
        return new ToolCallPart
        {
            Id = "call_" + _calls++, Name = "tool_" + _random.Next(3), IsCustom = custom,
            Arguments = custom ? Words() : _random.Next(4) switch { 0 => "{}", _ => JsonSerializer.Serialize(new Dictionary<string, object> { ["a"] = Words(), ["n"] = _random.Next(), ["list"] = new[] { 1, 2 } }) },
        };
    }

    private TokenCounts Usage() => new()
    {
        Input = _random.Next(1, 1000), Output = _random.Next(1, 1000), CacheRead = CountIf(CacheRead), CacheWrite = CountIf(CacheWrite),
        Reasoning = CountIf(ReasoningTokens), AudioInput = CountIf(AudioTokens), AudioOutput = CountIf(AudioTokens),
    };

    private long CountIf(DialectFeatures feature) => Has(feature) && Chance() ? _random.Next(1, 500) : 0;

    private Signature Sign() => new(dialect, Bytes());

    private T Marked<T>(T part)
        where T : ContentPart
    {
        part.Cache = Has(CacheMarkers) && Chance(5) ? new CacheMarker(Pick(null, "5m", "1h")) : null;
        return part;
    }

    private string Words()
    {
        var text = new StringBuilder("w");
        for (var i = _random.Next(8); i >= 0; i--)
        {
            text.Append(_words[_random.Next(_words.Length)]);
        }

        return text.Append('.').ToString();
    }

    private string Bytes()
    {
        var bytes = new byte[_random.Next(1, 40)];
        _random.NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

    private static JsonElement Schema() => JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"string"},"n":{"type":"integer"}},"required":["a"],"additionalProperties":false}""");

    private bool Has(DialectFeatures feature) => (features & feature) == feature;

    private bool Chance(int of = 2) => _random.Next(of) == 0;

    private T Pick<T>(params ReadOnlySpan<T> values) => values[_random.Next(values.Length)];

    private double Number() => _random.Next(0, 101) / 100.0;

    private T? Maybe<T>(Func<T> make)
        where T : struct => Chance() ? make() : null;

    private T? MaybeIf<T>(DialectFeatures feature, Func<T> make)
        where T : struct => Has(feature) ? Maybe(make) : null;
}
