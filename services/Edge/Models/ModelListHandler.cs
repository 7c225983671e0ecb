using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Edge.Http;
using Gateway.Edge.Http.Inbound;

namespace Gateway.Edge.Models;

/// <summary>The list of models in the caller's dialect. Everything is one page unless the caller asks for less.</summary>
internal sealed class ModelListHandler(UsableModels models) : IInboundHandler
{
    public InboundEndpoint Endpoint => InboundEndpoint.ModelList;

    public async Task HandleAsync(HttpContext http, InboundMatch match)
    {
        if (models.List(http, match.Dialect, out var all) is { } failure)
        {
            await ErrorResponse.WriteAsync(http, failure, null, match.Dialect).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/json";
        using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        Write(writer, http.Request.Query, match.Dialect, all);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, IQueryCollection query, DialectId dialect, List<ListedModel> all)
    {
        var (after, size) = dialect switch
        {
            DialectId.Anthropic => (query["after_id"].ToString(), query["limit"].ToString()),
            DialectId.Gemini => (query["pageToken"].ToString(), query["pageSize"].ToString()),
            _ => ("", ""),
        };
        var start = after.Length == 0 ? 0 : all.FindIndex(m => m.Name == after) + 1;
        var left = all.Count - start;
        var count = int.TryParse(size, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? Math.Min(limit, left) : left;
        var page = CollectionsMarshal.AsSpan(all).Slice(start, count);
        ModelShapes.WritePage(writer, dialect, page, count < left ? page[^1].Name : null);
    }
}
