using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Vault;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>The stage between reader and writer: for any answer cut anywhere it gives what it gives for the whole.</summary>
public sealed class EventGuardTests
{
    private static readonly string[] _words = ["Falcon", "fal", "con", " ", "[KEY_1]", "x[", "]", "\"q\"", "日本", "🙂", "word ", "\\", "falcon-", "secret"];

    [Fact]
    public void Any_cut_of_any_answer_gives_the_same_answer()
    {
        var answers = from choices in Gen.Choose(1, 3)
                      from parts in Gen.Choose(1, 5).Select(static n => n)
                      from picks in Gen.ArrayOf(Gen.Choose(0, 100_000), 60)
                      from cut in Gen.Choose(1, 9)
                      from action in Gen.Elements(GuardrailAction.Redact, GuardrailAction.Block, GuardrailAction.Mask, GuardrailAction.Flag)
                      select (choices, parts, picks, cut, action);
        Prop.ForAll(answers.ToArbitrary(), static one =>
        {
            var (choices, parts, picks, cut, action) = one;
            var answer = Answer(choices, parts, picks);
            var whole = Run(answer, int.MaxValue, action);
            Assert.Equal(whole, Run(answer, cut, action));
            Assert.Equal(whole, Run(answer, 1, action));
            if (action is GuardrailAction.Redact or GuardrailAction.Mask or GuardrailAction.Block)
            {
                Assert.DoesNotContain("Falcon", whole, StringComparison.Ordinal);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Events_keep_their_order_in_every_dialect()
    {
        foreach (var dialect in Enum.GetValues<DialectId>())
        {
            var random = new Random(11);
            for (var i = 0; i < 40; i++)
            {
                var answer = Answer(1, 4, [.. Enumerable.Range(0, 60).Select(_ => random.Next(100_000))]);
                var guard = Guard(i % 2 == 0 ? GuardrailAction.Redact : GuardrailAction.Block, stopsEarly: true, choices: 1);
                var events = new List<ChatEvent>();
                foreach (var e in AnswerPlayer.Play(answer, 1 + (i % 5)))
                {
                    guard.Pass(e, events);
                }

                Check(events);
                var writer = ChatDialects.Get(dialect).CreateStreamWriter(new AnswerContext { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch });
                var output = new ArrayBufferWriter<byte>();
                events.ForEach(e => writer.Write(e, output));
                Assert.DoesNotContain("Falcon", System.Text.Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
            }
        }
    }

    private static void Check(List<ChatEvent> events)
    {
        Assert.Single(events, static e => e.Kind == ChatEventKind.End);
        Assert.Equal(ChatEventKind.End, events[^1].Kind);
        Assert.Single(events, static e => e.Kind == ChatEventKind.Finish);
        var open = new HashSet<int>();
        var next = 0;
        foreach (var e in events.Where(static e => e.Kind is ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd or ChatEventKind.Finish))
        {
            switch (e.Kind)
            {
                case ChatEventKind.PartStart:
                    Assert.True(e.Part >= next);
                    next = e.Part + 1;
                    Assert.True(open.Add(e.Part));
                    break;
                case ChatEventKind.Delta:
                    Assert.Contains(e.Part, open);
                    break;
                case ChatEventKind.PartEnd:
                    Assert.True(open.Remove(e.Part));
                    break;
                default:
                    Assert.Empty(open);
                    break;
            }
        }
    }

    private static string Run(ChatAnswer answer, int cut, GuardrailAction action)
    {
        var guard = Guard(action, stopsEarly: false, answer.Choices.Count);
        var assembler = new AnswerAssembler(DialectId.OpenAIChat);
        var events = new List<ChatEvent>();
        foreach (var e in AnswerPlayer.Play(answer, cut))
        {
            guard.Pass(e, events);
        }

        events.ForEach(e => assembler.Add(e));
        return string.Join('\n', assembler.Build().Choices.Select(static c => $"{c.Index} {c.Finish}: {string.Join('|', c.Parts.Select(Text))}"));
    }

    private static string Text(ContentPart part) => part switch
    {
        TextPart text => "T" + text.Text,
        ReasoningPart reasoning => "R" + reasoning.Text,
        RefusalPart refusal => "F" + refusal.Text,
        ToolCallPart call => $"C{call.Name}({call.Arguments})",
        _ => part.GetType().Name,
    };

    private static ChatAnswer Answer(int choices, int parts, int[] picks)
    {
        var next = 0;
        int Pick(int below) => picks[next++ % picks.Length] % below;
        string Words() => string.Concat(Enumerable.Range(0, 1 + Pick(7)).Select(_ => _words[Pick(_words.Length)]));
        var answer = new ChatAnswer { Origin = DialectId.OpenAIChat, Id = "a", Model = "m" };
        for (var c = 0; c < choices; c++)
        {
            var choice = new ChatChoice { Index = c };
            for (var p = 0; p < parts; p++)
            {
                choice.Parts.Add(Pick(4) switch
                {
                    0 => new ReasoningPart { Text = Words() },
                    1 => new ToolCallPart { Id = $"call_{c}_{p}", Name = "tool", Arguments = new System.Text.Json.Nodes.JsonObject { ["a"] = Words(), ["b"] = Pick(10) }.ToJsonString() },
                    _ => new TextPart(Words()),
                });
            }

            answer.Choices.Add(choice);
        }

        return answer;
    }

    private static EventGuard Guard(GuardrailAction action, bool stopsEarly, int choices)
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
        EnvelopeReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[],"n":{{choices}}}"""), OperationSpec.Chat.Shape, false, 10, out context.Envelope);
        return EventGuard.For(context, stopsEarly)!;
    }
}
