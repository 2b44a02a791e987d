<?php

namespace App\Mintro;

final class InvalidWebhook extends \RuntimeException
{
}
