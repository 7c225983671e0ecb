using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Vault;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Streams that are passed on in their provider's form: in each dialect, however they are cut, they say what the whole says.</summary>
public sealed class PassedEventTests
{
    private static readonly string[] _words = ["Falcon", "fal", "con", " ", "[KEY_1]", "x[", "]", "\"q\"", "日本", "🙂", "word ", "\\", "falcon-", "secret"];

    public static TheoryData<DialectId> Dialects
    {
        get
        {
            var data = new TheoryData<DialectId>();
            data.AddRange(Enum.GetValues<DialectId>());
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Any_cut_of_any_answer_gives_the_text_that_the_whole_gives(DialectId dialect)
    {
        var answers = from picks in Gen.ArrayOf(Gen.Choose(0, 100_000), 40)
                      from cut in Gen.Choose(1, 7)
                      from action in Gen.Elements(GuardrailAction.Redact, GuardrailAction.Mask, GuardrailAction.Flag)
                      select (picks, cut, action);
        Prop.ForAll(answers.ToArbitrary(), one =>
        {
            var answer = Answer(dialect, one.picks);
            var whole = Run(dialect, answer, int.MaxValue, one.action);
            Assert.Equal(whole, Run(dialect, answer, one.cut, one.action));
            Assert.Equal(whole, Run(dialect, answer, 1, one.action));
            if (one.action != GuardrailAction.Flag)
            {
                Assert.DoesNotContain("Falcon", whole, StringComparison.OrdinalIgnoreCase);
            }

            // The stand-in of the conversation is put back, in arguments as JSON wants it.
            Assert.DoesNotContain("[KEY_1]", whole, StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void What_is_forbidden_ends_the_stream_before_it(DialectId dialect)
    {
        var answer = new ChatAnswer { Origin = dialect, Id = "a", Model = "m" };
        answer.Choices.Add(new ChatChoice { Parts = { new TextPart("this is fine but falcon is not") }, Finish = FinishReason.Stop });
        for (var cut = 1; cut < 9; cut++)
        {
            var (frames, bytes) = Pass(dialect, Written(dialect, answer, cut), GuardrailAction.Block);
            Assert.NotNull(frames.Failure);
            Assert.DoesNotContain("falcon", Encoding.UTF8.GetString(bytes), StringComparison.OrdinalIgnoreCase);
            Assert.Equal("this is fine but ", string.Concat(Read(dialect, bytes).Where(static e => e is { Kind: ChatEventKind.Delta, PartKind: PartKind.Text }).Select(static e => e.Text)));
            var ending = new ArrayBufferWriter<byte>();
            Assert.True(frames.TryEnd(ending));
            var events = Read(dialect, [.. bytes, .. ending.WrittenSpan], isWhole: true);
            Assert.Equal(dialect == DialectId.Anthropic ? FinishReason.Refusal : FinishReason.ContentFilter, Assert.Single(events, static e => e.Kind == ChatEventKind.Finish).Finish);
            Assert.Equal(ChatEventKind.End, events[^1].Kind);
            Assert.Equal(events.Where(static e => e.Kind == ChatEventKind.PartStart).Select(static e => e.Part), events.Where(static e => e.Kind == ChatEventKind.PartEnd).Select(static e => e.Part));
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Bytes_that_no_rule_changes_stay_the_providers(DialectId dialect)
    {
        var answer = new ChatAnswer { Origin = dialect, Id = "a", Model = "m" };
        answer.Choices.Add(new ChatChoice { Parts = { new TextPart("nothing here, and more of it 🙂") }, Finish = FinishReason.Stop });
        var given = Written(dialect, answer, 4);

        var (frames, bytes) = Pass(dialect, given, GuardrailAction.Flag);

        Assert.Null(frames.Failure);
        Assert.Equal(Encoding.UTF8.GetString(given), Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Events_of_no_known_form_are_what_the_policy_says_of_what_cannot_be_seen()
    {
        var unknown = Encoding.UTF8.GetBytes("data: {\"piece\":\"fal\"}\n\ndata: {\"piece\":\"con\"}\n\n");

        Assert.NotNull(Pass(DialectId.OpenAIChat, unknown, GuardrailAction.Redact).Frames.Failure);
        var (frames, bytes) = Pass(DialectId.OpenAIChat, unknown, GuardrailAction.Flag);
        Assert.Null(frames.Failure);
        Assert.Equal(unknown, bytes);
    }

    [Fact]
    public void Transcripts_are_guarded_in_pieces_and_whole()
    {
        var stream = Encoding.UTF8.GetBytes("data: {\"type\":\"transcript.text.delta\",\"delta\":\"a fal\"}\n\ndata: {\"type\":\"transcript.text.delta\",\"delta\":\"con\"}\n\ndata: {\"type\":\"transcript.text.done\",\"text\":\"a falcon\"}\n\n");

        var (_, bytes) = Pass(DialectId.OpenAIChat, stream, GuardrailAction.Redact);

        var events = Encoding.UTF8.GetString(bytes).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static e => System.Text.Json.Nodes.JsonNode.Parse(e["data: ".Length..])!).ToList();
        Assert.Equal("a [TERM]", string.Concat(events.Select(static e => (string?)e["delta"])));
        Assert.Equal("a [TERM]", (string?)events[^1]["text"]);
    }

    [Fact]
    public void Log_probabilities_go_when_they_would_tell_what_was_taken_out()
    {
        var stream = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a falcon\"},\"logprobs\":{\"content\":[{\"token\":\"falcon\"}]},\"finish_reason\":\"stop\"}]}\n\n");

        var (_, bytes) = Pass(DialectId.OpenAIChat, stream, GuardrailAction.Redact);

        Assert.Equal("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a [TERM]\"},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n", Encoding.UTF8.GetString(bytes));
    }

    private static string Run(DialectId dialect, ChatAnswer answer, int cut, GuardrailAction action)
    {
        var (frames, bytes) = Pass(dialect, Written(dialect, answer, cut), action);
        Assert.Null(frames.Failure);
        var assembler = new AnswerAssembler(dialect);
        foreach (var e in Read(dialect, bytes))
        {
            assembler.Add(e);
        }

        return string.Join('|', assembler.Build().Choices.SelectMany(static c => c.Parts).Select(static p => p switch
        {
            TextPart text => "T" + text.Text,
            ReasoningPart reasoning => "R" + reasoning.Text,
            ToolCallPart call => $"C{call.Name}({call.Arguments})",
            _ => p.GetType().Name,
        }));
    }

    private static (PassedFrames Frames, byte[] Bytes) Pass(DialectId dialect, byte[] given, GuardrailAction action)
    {
        var type = dialect == DialectId.BedrockConverse ? "application/vnd.amazon.eventstream" : "text/event-stream";
        var frames = PassedFrames.For(type, Context(action), new GuardRunner(null!, TimeProvider.System))!;
        var output = new ArrayBufferWriter<byte>();
        for (var at = 0; at < given.Length;)
        {
            var room = frames.Frames.GetMemory();
            var length = Math.Min(room.Length, given.Length - at);
            given.AsMemory(at, length).CopyTo(room);
            frames.Frames.Advance(length);
            at += length;
            while (frames.Failure is null && frames.Frames.TryRead(out var frame))
            {
                frames.Write(frame, output);
            }
        }

        if (frames.Failure is null)
        {
            // Nothing is held, so that nothing is waited for.
            var completed = frames.CompleteAsync(output, CancellationToken.None).AsTask();
            Assert.True(completed.IsCompletedSuccessfully);
        }

        return (frames, output.WrittenSpan.ToArray());
    }

    private static byte[] Written(DialectId dialect, ChatAnswer answer, int cut)
    {
        var writer = ChatDialects.Get(dialect).CreateStreamWriter(new AnswerContext { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch });
        var output = new ArrayBufferWriter<byte>();
        foreach (var e in AnswerPlayer.Play(answer, cut))
        {
            writer.Write(e, output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static List<ChatEvent> Read(DialectId dialect, byte[] bytes, bool isWhole = false)
    {
        var events = new List<ChatEvent>();
        var reader = ChatDialects.Get(dialect).CreateStreamReader();
        using Gateway.Dialects.Framing.IFrameReader frames = dialect == DialectId.BedrockConverse ? new Gateway.Dialects.Framing.EventStreamFrameReader() : new Gateway.Dialects.Sse.SseFrameReader();
        for (var at = 0; at < bytes.Length;)
        {
            var room = frames.GetMemory();
            var length = Math.Min(room.Length, bytes.Length - at);
            bytes.AsMemory(at, length).CopyTo(room);
            frames.Advance(length);
            at += length;
            while (frames.TryRead(out var frame))
            {
                var opened = frames.Open(frame);
                Assert.True(reader.Read(opened.EventName.Span, opened.Payload.Span, events), Encoding.UTF8.GetString(frame.Span));
            }
        }

        Assert.True(!isWhole || reader.Complete(events));
        return events;
    }

    private static ChatAnswer Answer(DialectId dialect, int[] picks)
    {
        var next = 0;
        int Pick(int below) => picks[next++ % picks.Length] % below;
        string Words() => string.Concat(Enumerable.Range(0, 1 + Pick(7)).Select(_ => _words[Pick(_words.Length)]));
        var answer = new ChatAnswer { Origin = dialect, Id = "a", Model = "m" };
        var choice = new ChatChoice { Finish = FinishReason.Stop };
        choice.Parts.Add(new TextPart(Words()));
        if (dialect is not DialectId.OpenAICompletions && Pick(2) == 0)
        {
            choice.Parts.Add(new ToolCallPart { Id = "call_1", Name = "tool", Arguments = new System.Text.Json.Nodes.JsonObject { ["a"] = Words(), ["b"] = Pick(10) }.ToJsonString() });
            choice.Finish = FinishReason.ToolCalls;
        }

        answer.Choices.Add(choice);
        return answer;
    }

    private static RequestContext Context(GuardrailAction action)
    {
        var policy = PolicyCompiler.Compile(new GuardrailPolicyEntry
        {
            Id = "p",
            Rules = [new GuardrailRuleEntry { Detector = "keywords", Action = action, Scopes = [GuardrailScope.Output], Terms = ["*Falcon*"] }],
        }).Policy!;
        var set = new PolicySet([policy]);
        var keys = new VaultKeys(new byte[32]);
        var conversation = new Conversation(keys, "t", keys.ConversationId("t", "c"), []);
        conversation.Pseudonym("key", "se\"cret\nname", realistic: false);
        var context = new RequestContext(new DefaultHttpContext(), OperationSpec.Chat, null!, 0, 0) { Guard = new GuardState(set, set) { Conversation = conversation } };
        EnvelopeReader.Read("""{"model":"m","messages":[]}"""u8, OperationSpec.Chat.Shape, false, 10, out context.Envelope);
        return context;
    }
}
