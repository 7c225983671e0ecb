using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>
/// Makes output items of the parts of an answer, and tells each step as the dialect's events. Texts and refusals that follow each other are contents of one
/// message; every other part is an item of its own. A whole answer is written through here too, with nobody listening.
/// </summary>
/// <param name="idBase">What makes item ids unique.</param>
/// <param name="events">Hears each step, or null.</param>
internal sealed class OutputDraft(string idBase, ResponseEvents? events)
{
    private readonly OutputEvents _tell = new(events);
    private readonly Dictionary<int, (OutputItem Item, OutputContent? Content)> _parts = [];
    private OutputItem? _message;

    /// <summary>The items, in the order of the output.</summary>
    public List<OutputItem> Items { get; } = [];

    /// <summary>True when the model refused in words.</summary>
    public bool HasRefusal { get; private set; }

    public void Add(in ChatEvent e)
    {
        switch (e.Kind)
        {
            case ChatEventKind.PartStart:
                Start(e);
                break;
            case ChatEventKind.Delta when _parts.TryGetValue(e.Part, out var part):
                if (part.Content is not null)
                {
                    AddToContent(part.Item, part.Content, e);
                }
                else
                {
                    AddToItem(part.Item, e);
                }

                break;
            case ChatEventKind.PartEnd when _parts.Remove(e.Part, out var part):
                if (part.Content is not null)
                {
                    EndContent(part.Item, part.Content);
                }
                else
                {
                    AddToItem(part.Item, e);
                    EndItem(part.Item);
                    AddCallSignature(part.Item, e.Signature);
                }

                break;
        }
    }

    /// <summary>Ends what is still open: nothing follows.</summary>
    /// <param name="status">Status of the items that had not ended, the message included.</param>
    public void End(string status)
    {
        foreach (var (item, content) in _parts.Values.ToList())
        {
            item.Status = status;
            if (content is not null)
            {
                EndContent(item, content);
            }
            else
            {
                EndItem(item);
            }
        }

        _parts.Clear();
        if (_message is { IsDone: false })
        {
            _message.Status ??= status;
        }

        CloseMessage();
    }

    private void Start(in ChatEvent e)
    {
        switch (e.PartKind)
        {
            case PartKind.Text or PartKind.Audio:
                StartContent(e.Part, isRefusal: false);
                break;
            case PartKind.Refusal:
                HasRefusal = true;
                StartContent(e.Part, isRefusal: true);
                break;
            case PartKind.Reasoning:
                StartItem(e.Part, new OutputItem(OutputItemKind.Reasoning, Items.Count, e.Id is not null && e.Id.StartsWith("rs_", StringComparison.Ordinal) ? e.Id : NewId("rs")));
                break;
            case PartKind.ToolCall:
                StartItem(e.Part, new OutputItem(e.Flag ? OutputItemKind.CustomToolCall : OutputItemKind.FunctionCall, Items.Count, NewId(e.Flag ? "ctc" : "fc"))
                {
                    CallId = string.IsNullOrEmpty(e.Id) ? NewId("call") : e.Id, Name = e.Name ?? "",
                });
                break;
            case PartKind.Image when e.Url is not null:
                // There is no item for a picture that is only an address.
                StartContent(e.Part, isRefusal: false);
                AddToContent(_parts[e.Part].Item, _parts[e.Part].Content!, new ChatEvent { Kind = ChatEventKind.Delta, Text = $"![image]({e.Url})" });
                break;
            case PartKind.Image:
                var image = new OutputItem(OutputItemKind.Image, Items.Count, NewId("ig")) { Name = e.Name ?? "" };
                StartItem(e.Part, image);
                _tell.Image("response.image_generation_call.in_progress"u8, image);
                _tell.Image("response.image_generation_call.generating"u8, image);
                break;
            // A call that the provider ran itself would be taken for one to run.
            case PartKind.Opaque when e.Name is "function_call" or "custom_tool_call":
                break;
            case PartKind.Opaque when e is { Origin: DialectId.OpenAIResponses, Raw: { ValueKind: JsonValueKind.Object } raw }:
                StartItem(e.Part, new OutputItem(OutputItemKind.Raw, Items.Count, raw.StringOf("id") ?? NewId("item")) { Raw = raw });
                break;
        }
    }

    private void StartItem(int part, OutputItem item)
    {
        if (_message is { Open: 0 })
        {
            CloseMessage();
        }

        Items.Add(item);
        _parts[part] = (item, null);
        _tell.Item("response.output_item.added"u8, item, done: false);
    }

    private void StartContent(int part, bool isRefusal)
    {
        // An item that began after the message ended it for new contents.
        if (_message is null || _message.IsDone || _message.Index != Items.Count - 1)
        {
            _message = new OutputItem(OutputItemKind.Message, Items.Count, NewId("msg"));
            Items.Add(_message);
            _tell.Item("response.output_item.added"u8, _message, done: false);
        }

        var content = new OutputContent(isRefusal, _message.Contents.Count);
        _message.Contents.Add(content);
        _message.Open++;
        _parts[part] = (_message, content);
        _tell.Content("response.content_part.added"u8, _message, content, done: false);
    }

    private void AddToContent(OutputItem item, OutputContent content, in ChatEvent e)
    {
        JsonElement? logProbabilities = e.Raw is { } raw && (raw.TryArray("content", out var list) || raw.TryArray("refusal", out list)) ? list : null;
        if (logProbabilities is { } entries)
        {
            content.LogProbabilities.Add(entries);
        }

        // What is said in a recording is all of it that fits here.
        var text = e.PartKind == PartKind.Audio ? e.Transcript : e.Text;
        if (!string.IsNullOrEmpty(text))
        {
            content.Text.Append(text);
            _tell.Text(item, content, text, logProbabilities);
        }

        if (e.Citation is { } citation)
        {
            content.Citations.Add(citation);
            _tell.Citation(item, content, citation);
        }
    }

    private void AddToItem(OutputItem item, in ChatEvent e)
    {
        if (item.Kind == OutputItemKind.Reasoning && (e.Signature is not null || e.Encrypted is not null))
        {
            item.Encrypted = EncryptedReasoning.ForCaller(e.Signature, e.Encrypted);
        }

        if (e.Kind != ChatEventKind.Delta || string.IsNullOrEmpty(e.Text))
        {
            return;
        }

        if (item.Kind == OutputItemKind.Reasoning && !item.HasSummary)
        {
            item.HasSummary = true;
            _tell.SummaryPart("response.reasoning_summary_part.added"u8, item, "");
        }

        item.Text.Append(e.Text);
        _tell.Delta(item, e.Text);
    }

    private void EndContent(OutputItem item, OutputContent content)
    {
        _tell.WholeText(item, content);
        _tell.Content("response.content_part.done"u8, item, content, done: true);
        item.Open--;
        if (item.Open == 0 && (item != _message || item.Index != Items.Count - 1))
        {
            EndItem(item);
        }
    }

    private void CloseMessage()
    {
        if (_message is { IsDone: false })
        {
            EndItem(_message);
        }
    }

    private void EndItem(OutputItem item)
    {
        if (item.IsDone)
        {
            return;
        }

        item.IsDone = true;
        _tell.Whole(item);
        _tell.Item("response.output_item.done"u8, item, done: true);
    }

    private void AddCallSignature(OutputItem call, Signature? signature)
    {
        if (signature is null || call.Kind is not (OutputItemKind.FunctionCall or OutputItemKind.CustomToolCall))
        {
            return;
        }

        var item = new OutputItem(OutputItemKind.Reasoning, Items.Count, NewId("rs")) { Encrypted = EncryptedReasoning.ForCaller(call.CallId, signature) };
        Items.Add(item);
        _tell.Item("response.output_item.added"u8, item, done: false);
        EndItem(item);
    }

    private string NewId(string prefix) => $"{prefix}_{idBase}_{Items.Count}";
}
