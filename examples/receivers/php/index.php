<?php

/**
 * The same without Laravel, to try it or to build on, with nothing but PHP:
 *
 *   MINTRO_WEBHOOK_SECRET=whsec_… php -S localhost:4000 index.php
 *
 * It listens on http://localhost:4000/webhooks and keeps each event in a file of its own, named by its id. A table whose
 * primary key is the id does as well, and is what the Laravel files beside it use.
 */

use App\Mintro\InvalidWebhook;
use App\Mintro\Webhook;

require __DIR__ . '/app/Mintro/InvalidWebhook.php';
require __DIR__ . '/app/Mintro/Webhook.php';

ini_set('display_errors', '0'); // else PHP shows what went wrong under the status 200
const BODY_BYTES_MAX = 100_000;

function answer(int $status, string $text = ''): never
{
    http_response_code($status);
    exit($text);
}

/** Written aside and linked to its name, the event is there whole or not at all, and of two only one is new. */
function keep(string $folder, string $id, string $body): bool
{
    $aside = tempnam($folder, 'aside');
    if ($aside === false || file_put_contents($aside, $body) !== strlen($body)) {
        throw new RuntimeException("{$folder} cannot be written to");
    }
    $isNew = @link($aside, "{$folder}/{$id}.json");
    unlink($aside);
    if (!$isNew && !is_file("{$folder}/{$id}.json")) {
        throw new RuntimeException("{$folder} takes no links");
    }

    return $isNew;
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $_SERVER['REQUEST_URI'] !== '/webhooks') {
    answer(404);
}
$body = file_get_contents('php://input', length: BODY_BYTES_MAX + 1);
if (strlen($body) > BODY_BYTES_MAX) {
    answer(413);
}
try {
    $event = Webhook::verify(
        $body,
        $_SERVER['HTTP_WEBHOOK_ID'] ?? null,
        $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? null,
        $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? null,
        getenv('MINTRO_WEBHOOK_SECRET') ?: '',
    );
} catch (InvalidWebhook $reason) {
    answer(400, $reason->getMessage());
}
$folder = getenv('EVENTS_FOLDER') ?: __DIR__ . '/events';
is_dir($folder) || mkdir($folder, 0700);
// Where this throws, PHP answers 500, and Mintro sends the event again.
$isNew = keep($folder, basename($event['id']), $body);

// Yours: mark the order as paid. What takes long belongs into a program of its own that reads the folder.
if ($isNew) {
    $what = $event['event'] === 'payment.succeeded' ? "paid: {$event['intent_id']}" : $event['event'];
    error_log("{$what} {$event['id']}");
}
answer(204);
