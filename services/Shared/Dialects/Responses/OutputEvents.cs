using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>Tells what happens to output items as events of the dialect; nothing when nobody listens.</summary>
internal sealed class OutputEvents(ResponseEvents? events)
{
    public void Item(ReadOnlySpan<byte> type, OutputItem item, bool done)
    {
        if (events is null)
        {
            return;
        }

        var json = events.Begin(type);
        json.WriteNumber("output_index"u8, item.Index);
        json.WritePropertyName("item"u8);
        item.Write(json, done);
        events.End();
    }

    public void Content(ReadOnlySpan<byte> type, OutputItem item, OutputContent content, bool done)
    {
        if (events is null)
        {
            return;
        }

        var json = events.Begin(type, item);
        json.WriteNumber("content_index"u8, content.Index);
        json.WritePropertyName("part"u8);
        content.Write(json, done);
        events.End();
    }

    public void Text(OutputItem item, OutputContent content, string delta, JsonElement? logProbabilities)
    {
        if (events is null)
        {
            return;
        }

        var json = events.Begin(content.IsRefusal ? "response.refusal.delta"u8 : "response.output_text.delta"u8, item);
        json.WriteNumber("content_index"u8, content.Index);
        json.WriteString("delta"u8, delta);
        if (!content.IsRefusal)
        {
            json.WritePropertyName("logprobs"u8);
            if (logProbabilities is { } entries)
            {
                entries.WriteTo(json);
            }
            else
            {
                json.WriteStartArray();
                json.WriteEndArray();
            }
        }

        events.End();
    }

    public void Citation(OutputItem item, OutputContent content, Citation citation)
    {
        if (events is null || content.IsRefusal)
        {
            return;
        }

        var json = events.Begin("response.output_text.annotation.added"u8, item);
        json.WriteNumber("content_index"u8, content.Index);
        json.WriteNumber("annotation_index"u8, content.Citations.Count - 1);
        json.WritePropertyName("annotation"u8);
        Annotations.Write(json, citation, content.Text.Length);
        events.End();
    }

    public void SummaryPart(ReadOnlySpan<byte> type, OutputItem item, string text)
    {
        if (events is null)
        {
            return;
        }

        var json = events.Begin(type, item);
        json.WriteNumber("summary_index"u8, 0);
        json.WritePropertyName("part"u8);
        OutputItem.WriteSummary(json, text);
        events.End();
    }

    public void Image(ReadOnlySpan<byte> type, OutputItem item)
    {
        if (events is not null)
        {
            events.Begin(type, item);
            events.End();
        }
    }

    /// <summary>More of an item that is no message.</summary>
    public void Delta(OutputItem item, string delta)
    {
        var type = item.Kind switch
        {
            OutputItemKind.Reasoning => "response.reasoning_summary_text.delta"u8,
            OutputItemKind.FunctionCall => "response.function_call_arguments.delta"u8,
            OutputItemKind.CustomToolCall => "response.custom_tool_call_input.delta"u8,
            _ => default,
        };
        if (events is null || type.IsEmpty)
        {
            return;
        }

        var json = events.Begin(type, item);
        if (item.Kind == OutputItemKind.Reasoning)
        {
            json.WriteNumber("summary_index"u8, 0);
        }

        json.WriteString("delta"u8, delta);
        events.End();
    }

    /// <summary>The whole of a content.</summary>
    public void WholeText(OutputItem item, OutputContent content)
    {
        if (events is null)
        {
            return;
        }

        var json = events.Begin(content.IsRefusal ? "response.refusal.done"u8 : "response.output_text.done"u8, item);
        json.WriteNumber("content_index"u8, content.Index);
        json.WriteString(content.IsRefusal ? "refusal"u8 : "text"u8, content.Text.ToString());
        if (!content.IsRefusal)
        {
            content.WriteLogProbabilities(json, done: true);
        }

        events.End();
    }

    /// <summary>The whole of an item that is no message.</summary>
    public void Whole(OutputItem item)
    {
        switch (item.Kind)
        {
            case OutputItemKind.Reasoning when item.HasSummary && events is not null:
                var summary = events.Begin("response.reasoning_summary_text.done"u8, item);
                summary.WriteNumber("summary_index"u8, 0);
                summary.WriteString("text"u8, item.Text.ToString());
                events.End();
                SummaryPart("response.reasoning_summary_part.done"u8, item, item.Text.ToString());
                break;
            case OutputItemKind.FunctionCall when events is not null:
                var call = events.Begin("response.function_call_arguments.done"u8, item);
                call.WriteString("name"u8, item.Name);
                call.WriteString("arguments"u8, item.Input());
                events.End();
                break;
            case OutputItemKind.CustomToolCall when events is not null:
                var input = events.Begin("response.custom_tool_call_input.done"u8, item);
                input.WriteString("input"u8, item.Input());
                events.End();
                break;
            case OutputItemKind.Image:
                Image("response.image_generation_call.completed"u8, item);
                break;
        }
    }
}
