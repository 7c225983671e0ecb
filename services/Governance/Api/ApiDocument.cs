using Microsoft.OpenApi;

namespace Gateway.Governance.Api;

/// <summary>The OpenAPI document of the admin API.</summary>
internal static class ApiDocument
{
    private const string Scheme = "adminKey";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi("openapi", options =>
    {
        options.ShouldInclude = d => d.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Gateway admin API",
                Version = "1",
                Description = "Providers, credentials, deployments, model routes, teams, budgets, virtual keys, settings and usage. "
                    + "Errors are problem details (RFC 9457). Changes are in force on every edge in under a second.",
            };
            document.Servers?.Clear();
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An admin key, gwa-…; the first start writes one to the file admin.key in the data folder.",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.HttpMethod is "POST" or "PUT" or "PATCH" or "DELETE")
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = "Idempotency-Key",
                    In = ParameterLocation.Header,
                    Description = "A text of the caller's own: the same request under the same key within 24 hours is carried out once, and answered the same.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
                });
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(async (schema, context, cancellation) =>
        {
            // An answer is the entry's own fields and those of Resource<T> in one object.
            var type = context.JsonTypeInfo.Type;
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Resource<>))
            {
                return;
            }

            var entry = await context.GetOrCreateSchemaAsync(type.GenericTypeArguments[0], null, cancellation).ConfigureAwait(false);
            schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
            foreach (var (name, property) in entry.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                schema.Properties.TryAdd(name, property);
            }

            schema.Description = entry.Description;
        });
    });
}
