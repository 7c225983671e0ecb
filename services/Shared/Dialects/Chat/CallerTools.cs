using System.Buffers;

namespace Gateway.Dialects.Chat;

/// <summary>
/// Turns calls of tools back into what the caller defined: names that had to be fitted to the provider (<see cref="ToolNames"/>) become the caller's again, and
/// the object around the input of a tool with free text, which most dialects do not have, is taken off. All is told by the caller's request: nothing is kept.
/// </summary>
internal sealed class CallerTools
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _custom = new(StringComparer.Ordinal);

    private CallerTools()
    {
    }

    /// <summary>The answer as the caller's tools want it; the same object where there is nothing to do.</summary>
    public static ChatAnswer Restore(ChatAnswer answer, AnswerContext context)
    {
        if (Of(context.Request) is not { } tools || !answer.Choices.Exists(static choice => choice.Parts.Exists(static part => part is ToolCallPart)))
        {
            return answer;
        }

        var restored = new ChatAnswer
        {
            Origin = answer.Origin, Id = answer.Id, Model = answer.Model, Created = answer.Created, Usage = answer.Usage, ServiceTier = answer.ServiceTier, Error = answer.Error,
        };
        foreach (var choice in answer.Choices)
        {
            var copy = new ChatChoice
            {
                Index = choice.Index, Finish = choice.Finish, FinishDetail = choice.FinishDetail, StopSequence = choice.StopSequence, LogProbabilities = choice.LogProbabilities,
            };
            copy.Parts.AddRange(choice.Parts.Select(part => part is ToolCallPart call ? tools.Restore(call) : part));
            restored.Choices.Add(copy);
        }

        return restored;
    }

    /// <summary>A writer that does the same to the events of a stream; <paramref name="writer"/> itself where there is nothing to do.</summary>
    public static IChatStreamWriter Restore(IChatStreamWriter writer, AnswerContext context) =>
        Of(context.Request) is { } tools ? new StreamWriter(writer, tools) : writer;

    private static CallerTools? Of(ChatRequest? request)
    {
        CallerTools? tools = null;
        foreach (var tool in request?.Tools ?? [])
        {
            if (tool.Kind == ToolKind.Hosted)
            {
                continue;
            }

            foreach (var target in (ReadOnlySpan<DialectId>)[DialectId.Anthropic, DialectId.Gemini])
            {
                if (ToolNames.Fit(tool.Name, target) is var fitted && fitted != tool.Name)
                {
                    (tools ??= new CallerTools())._names[fitted] = tool.Name;
                }
            }

            if (tool.Kind == ToolKind.Custom)
            {
                (tools ??= new CallerTools())._custom.Add(tool.Name);
            }
        }

        return tools;
    }

    private string NameOf(string name) => _names.GetValueOrDefault(name, name);

    private ToolCallPart Restore(ToolCallPart call)
    {
        var name = NameOf(call.Name);
        var unwrap = !call.IsCustom && _custom.Contains(name);
        return name == call.Name && !unwrap ? call : new ToolCallPart
        {
            Id = call.Id, Name = name, Arguments = unwrap ? FreeTextUnwrapper.Unwrap(call.Arguments) : call.Arguments, IsCustom = call.IsCustom || unwrap,
            Signature = call.Signature, Cache = call.Cache,
        };
    }

    private sealed class StreamWriter(IChatStreamWriter inner, CallerTools tools) : IChatStreamWriter
    {
        private readonly Dictionary<(int Choice, int Part), FreeTextUnwrapper> _open = [];

        public string ContentType => inner.ContentType;

        public void Write(in ChatEvent e, IBufferWriter<byte> output)
        {
            if (e.PartKind != PartKind.ToolCall)
            {
                inner.Write(e, output);
                return;
            }

            var key = (e.Choice, e.Part);
            if (e.Kind == ChatEventKind.PartStart)
            {
                var name = tools.NameOf(e.Name ?? "");
                var unwrap = !e.Flag && tools._custom.Contains(name);
                if (unwrap)
                {
                    _open[key] = new FreeTextUnwrapper();
                }

                inner.Write(e with { Name = name, Flag = e.Flag || unwrap }, output);
            }
            else if (!_open.TryGetValue(key, out var text))
            {
                inner.Write(e, output);
            }
            else if (e.Kind == ChatEventKind.Delta)
            {
                WriteDelta(e, e.Text is null ? "" : text.Add(e.Text), output);
            }
            else
            {
                _open.Remove(key);
                WriteDelta(e with { Kind = ChatEventKind.Delta, Signature = null }, text.End(), output);
                inner.Write(e, output);
            }
        }

        public void WriteError(ChatError error, IBufferWriter<byte> output) => inner.WriteError(error, output);

        private void WriteDelta(in ChatEvent e, string text, IBufferWriter<byte> output)
        {
            if (text.Length > 0 || e.Signature is not null)
            {
                inner.Write(e with { Text = text.Length > 0 ? text : null }, output);
            }
        }
    }
}
